"""What Presidio does behind a process's back, switched off."""

import logging

import tldextract

LOGGERS = ("presidio-analyzer", "presidio-anonymizer", "decision_process")


def hush() -> None:
    """Presidio logs context words, IBANs that fail their check and whole decisions; its e-mail recognizer fetches the
    list of public suffixes on first use, where the list that the library carries will do. Both are process-wide."""
    for name in LOGGERS:
        logging.getLogger(name).disabled = True
    offline = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    tldextract.tldextract.TLD_EXTRACTOR = offline
