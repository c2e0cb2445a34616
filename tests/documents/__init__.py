"""Documents made for tests, each by the format's own library, from the same few facts of an ISP that does not exist."""
