"""The index on Weaviate, and a Weaviate to run it on. Import what you need: only `index` needs the extra `weaviate`."""
