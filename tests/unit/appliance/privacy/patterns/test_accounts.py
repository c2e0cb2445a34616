import pytest

from appliance.privacy.patterns import accounts
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(accounts.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "Account no.: [[ACCOUNT_ID|4711-0815]]",
        "meine Kundennummer lautet [[CUSTOMER_ID|200 418 776]]",
        "n° de contrat : [[CONTRACT_ID|FTTH-22104]]",
        "Ticket #[[TICKET_ID|884120]]",
        "[[TICKET_ID|INC0048812]] raised",
        "Rechnung Nr. [[INVOICE_ID|R2025/004417]]",
        "numer klienta: [[CUSTOMER_ID|8812044]]",
        "asiakasnumero: [[CUSTOMER_ID|762719756]]",
        "laskunumero [[INVOICE_ID|RE904417112]]",
        "avtalsnummer: [[CONTRACT_ID|V44170021]]",
        "circuit ID [[CIRCUIT_ID|LON/ETH/0012345]]",
        '"billingAccountId": "[[ACCOUNT_ID|90017744]]"',
        "N.º de cliente: [[CUSTOMER_ID|77120-ES]]",
        "codice cliente è [[CUSTOMER_ID|8811770]]",
        "factuurnummer [[INVOICE_ID|20250044817]]",
        'ADSL-Agent-Circuit-Id = "[[CIRCUIT_ID|OLT7 eth 1/2/03/11:812]]"',
        "the invoice number in question is [[INVOICE_ID|90011887]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "Your account was created in 2024",
        "12000 tickets a month",
        "Is the customer number on my contract?",
        "invoice of 2025-03-04",
        "request 550e8400-e29b-41d4-a716-446655440000",
        "a contract of 24 months",
        "line 12",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        'option agent.circuit-id "[[CIRCUIT_ID|DSLAM7-4/12:33.0]]"',
        "Customer Brightside Dental (no. [[CUSTOMER_ID|401900]])",
        'ont add 5 3 sn-auth x omci desc "[[CUSTOMER_ID|FR771204]]"',
        "Can I take your account number?\nCustomer: sure its [[ACCOUNT_ID|441700189]]",
        "utenza [[ACCOUNT_ID|58836831]]",
        "to pe3 svc [[CIRCUIT_ID|LIM-DIA-00417]]",
    ],
)
def test_numbers_that_something_else_names(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
