"""Where ours does not find what stock Presidio finds, in the texts of tests/fixtures/privacy_strings.

The key is what stock calls it, whether the value was meant as one, and what ours makes of it.
"""

from typing import NamedTuple


class Reason(NamedTuple):
    most: int
    """So many of the texts; a family of patterns that loses more is looked at."""
    why: str


DIFFERENCES = {
    # Masked all the same.
    ("DATE_TIME", "meant", "as another type"): Reason(44, "beside such a word it is a DATE_OF_BIRTH"),
    ("URL", "meant", "as another type"): Reason(11, "a bare host is a DOMAIN_NAME"),
    ("URL", "by chance", "as another type"): Reason(132, "it is the host in an EMAIL_ADDRESS"),
    ("US_BANK_NUMBER", "meant", "as another type"): Reason(44, "an account without a word of a bank is an ACCOUNT_ID"),
    ("US_PASSPORT", "meant", "as another type"): Reason(44, "the form is Germany's too, and that of other states"),
    ("US_PASSPORT", "by chance", "as another type"): Reason(45, "nine digits are a UK_PASSPORT's form too"),
    ("US_SSN", "meant", "as another type"): Reason(
        20, "`phone` stands beside it; or `ssn`, which is a system's serial number too, and dots are not a SSN's form"
    ),
    ("US_SSN", "by chance", "as another type"): Reason(54, "a number from 9 is a US_ITIN; stock gives it two types"),
    ("UK_NHS", "meant", "as another type"): Reason(16, "without a word it is as well an American telephone number"),
    ("PHONE_NUMBER", "by chance", "as another type"): Reason(
        106, "an IP address, IBAN or id, of which stock says that it is possible as a telephone number as well"
    ),
    ("CREDIT_CARD", "by chance", "as another type"): Reason(4, "an account number whose last digit fits by chance"),
    ("MEDICAL_LICENSE", "by chance", "as another type"): Reason(6, "it is the head of an account number"),
    # Stock takes too much.
    ("EMAIL_ADDRESS", "meant", "in part"): Reason(11, "`email=` of a log line is no part of the address"),
    ("CREDIT_CARD", "by chance", "in part"): Reason(12, "the middle of an IBAN that somebody mistyped"),
    ("CREDIT_CARD", "by chance", "not at all"): Reason(2, "fourteen digits that no issuer of cards gives out"),
    ("DATE_TIME", "by chance", "not at all"): Reason(48, "a version such as 8.7.93"),
    ("MEDICAL_LICENSE", "by chance", "not at all"): Reason(12, "the head of a longer number: stock asks for no border"),
    ("PHONE_NUMBER", "by chance", "in part"): Reason(10, "the half of a longer number that has a telephone's form"),
    ("PHONE_NUMBER", "by chance", "not at all"): Reason(
        86, "digits that some country might use, without a form or a word that says telephone; also parts of cards"
    ),
    ("URL", "by chance", "not at all"): Reason(18, "`bruno.si` of `bruno.silva.exe`, and `at fibre.co`: no domains"),
    ("US_PASSPORT", "meant", "not at all"): Reason(4, "no word says so: stock hears `us` in `customer`"),
    ("US_PASSPORT", "by chance", "not at all"): Reason(8, "nine digits; stock hears `us` in `customer`"),
    ("US_SSN", "by chance", "not at all"): Reason(60, "no such number begins with 9, and no taxpayer has group 93"),
    # What an ISP does not need by default; a tenant's own pattern, or Presidio's recognizer by setting, finds it.
    ("DATE_TIME", "meant", "not at all"): Reason(22, "a date tells of a person only beside a word such as birthday"),
    ("MEDICAL_LICENSE", "meant", "not at all"): Reason(66, "American doctors' numbers have the form of part numbers"),
    ("UUID", "meant", "not at all"): Reason(66, "it names a request or a record, not a person"),
    ("UK_NHS", "meant", "not at all"): Reason(6, "ten digits in a row without a word: one number of eleven fits"),
}
