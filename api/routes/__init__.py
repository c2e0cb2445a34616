"""The doors: thin skins over the stories."""
