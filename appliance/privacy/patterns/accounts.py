"""Numbers under which an ISP keeps its customers: accounts, contracts, invoices, tickets, circuits."""

from msgspec import Struct

from appliance.privacy.proofs.words import has_value
from appliance.privacy.scanning.label import COLON, FAR, LINK, MARK, SAYS, anyone, named
from appliance.privacy.scanning.pattern import Pattern

# With a digit, so that a word is no value and the search goes on behind it.
_ID = (
    r"\b(?:[0-9]{2,10}(?: [0-9]{2,6}){1,5}|[A-Z]{1,4}[ ][0-9][0-9/.-]{3,16}[0-9]"
    r"|(?:[A-Za-z]{1,8}[-/._]?){0,3}[0-9][A-Za-z0-9]{0,19}(?:[-/._][A-Za-z0-9]{1,20}){0,6})\b"
)
_NOUN = (
    r"(?:(?:[ ](?i:mit|with|avec|con|met|com|o)(?:[ ](?i:der|the|le|el|il|o))?)?[ _.-]{0,2}(?i:numbers?|num|no|nbr"
    r"|nr|ids?|identifier|code|ref|reference|nummer|numer|número|numero|numéro"
    r"|kennung|kennziffer|zeichen|bezeichnung|key|schlüssel)\b\.?|[ _-]{0,2}(?:n\.?[º°]|nº|#)|><(?i:number|id|no)\b)"
)
# The number before the noun, as Romance and Slavic languages have it: `n° de contrat`, `numer klienta`.
_BEFORE = (
    r"(?:numéro|numero|número|num|núm|n[º°]|n\.?[º°]|nº|nr|no|n|códi?g?o?|cod|codice|code|référence|réf|ref|rif"
    r"|referencia|referência|riferimento|id|identyfikator|identifiant|identificativo|numer)\.?[ ]{0,2}"
    r"(?:d[eoiau]{1,2}[ ]|du |del |della |dell'|d'|l'|la |de la |de l')?[ ]?"
)


class _Family(Struct, frozen=True):
    type: str
    nouns: str
    short: str
    """Words that are only told by one for number behind them: `RE-Nr.`"""
    bare: float = 0.7
    """How sure one is with nothing between it and its name."""


_FAMILIES = (
    _Family(
        "CUSTOMER_ID",
        anyone("""
            customer, cust, kd, kdnr, knr, client, subscriber, member(?:ship)?, crm, crn, kunden?-?, klant, abonnee,
            abonnent(?:en)?, cliente, abonné, abonado, assinante, utente, klienta, abonenta, teilnehmer, relatie,
            debitor(?:en)?, debiteur(?:en)?, mitglieds?, lid, adhérent, socio, ewidencyjny, asiakas
        """),
        "party|k|kund|kdn|abo|sub",
    ),
    _Family(
        "ACCOUNT_ID",
        anyone("""
            account, acct, acc, a/c, ban, vertragskonto, kundenkonto, buchungskonto, rechnungskonto, cwmp account,
            compte(?: client| abonné| internet)?, cuenta(?: cliente| de cliente)?, conto(?: cliente)?, klantaccount,
            conta(?: cliente)?, konta(?: klienta| abonenckiego)?, konto, utenza
        """),
        "kto|a",
        bare=0.86,
    ),
    _Family(
        "CONTRACT_ID",
        anyone(r"""
            contract, agreement, subscription, order, sales order, purchase order, vertrags?, auftrags?, bestell?,
            contrat, commande, contrato, pedido, contratto, ordine, contracts, bestelling, umow[ay], zamówieni[ae],
            encomenda, abonnements?, abbonamento, abonamentu, assinatura, suscripción, sopimus,
            avtals?, avtale, aftale, p\.?o
        """),
        "so|vertr|auftr|best|ord|ctr|contr",
    ),
    _Family(
        "INVOICE_ID",
        anyone("""
            invoice, bill, statement, receipt, credit note, rechnungs?, mahnung, mahn, gutschrifts?, belegs?, facture,
            avoir, factura, fattura, bolletta, factuur, fatura, faktur[ay], rachunku, recibo, boleto, payment ref,
            nota credito, creditnota, bon de livraison, lasku
        """),
        "re|rg|rech|rechn|fact|fatt|fakt|inv|fra|fac|doc|document|dokument",
    ),
    _Family(
        "TICKET_ID",
        anyone("""
            ticket, case, incident, inc, service request, fault, complaint, work ?order, störungs?, störungsticket,
            vorgangs?, fall, fallnummer, meldungs?, melde, dossier, réclamation, signalement, incidencia, avería,
            reclamo, reclamación, caso, segnalazione, pratica, guasto, storings?, meldings?, zaak, chamado, protocolo,
            ocorrência, zgłoszeni[ea], sprawy, awarii, intervention, ihr zeichen, aktenzeichen, your ref(?:erence)?,
            our ref(?:erence)?, their ref(?:erence)?, kenmerk, sygnatura, referentie, avaria, incidente, panne, awaria,
            expediente, reference, referenz, référence
        """),
        "ref|sr|tt|rma|wo",
    ),
    _Family(
        "CIRCUIT_ID",
        anyone("""
            circuit, ckt, cct, cid, service, line, access line, evc, vll, pseudowire, link, leased line, wholesale,
            leitungs?, leitungsschlüssel, lsz, anschluss, ligne, liaison, prestation, circuito, línea, linea, linha,
            aansluit(?:ing)?, lijn, verbinding, łącza, linii, migrazione, oto, pto, avc, access, home, vpn
        """),
        "ndi|nd|uni|nni|olo|fnn|asid|wso",
    ),
)


def _patterns(of: _Family) -> tuple[Pattern, ...]:
    """With a word for number or a sign, a few digits are enough; side by side it takes more."""
    name = f"accounts.{of.type.lower()}"
    start = r"(?:\b[a-zäöüß]{0,16}|_)"
    return (
        Pattern(
            type=of.type,
            name=name,
            regex=rf"{start}(?i:{of.nouns})(?:{_NOUN}(?:{LINK}|{FAR})|{COLON})(?P<v>{_ID})",
            score=0.85,
            check=has_value(3),
        ),
        Pattern(
            type=of.type,
            name=f"{name}_told",
            regex=rf"{start}(?i:{of.nouns}){SAYS}(?P<v>{_ID})",
            score=0.85,
            check=has_value(5),
        ),
        Pattern(
            type=of.type,
            name=f"{name}_before",
            regex=rf"\b(?i:{_BEFORE}(?:{of.nouns})){LINK}(?P<v>{_ID})",
            score=0.85,
            check=has_value(3),
        ),
        Pattern(
            type=of.type,
            name=f"{name}_short",
            regex=rf"\b(?i:{of.short})\.?{_NOUN}{LINK}(?P<v>{_ID})",
            hint=rf"\b(?i:{of.short})\.?{_NOUN}",
            score=0.8,
            check=has_value(3),
        ),
        Pattern(
            type=of.type,
            name=f"{name}_bare",
            regex=named(of.nouns, _ID, link=r"[ \t]{1,4}(?:\(|#|n[º°.]{1,2} ?|nr\.? ?|no\.? ?)?"),
            score=of.bare,
            check=has_value(5),
        ),
    )


# Forms that name themselves.
STANDING = (
    Pattern(
        type="TICKET_ID",
        name="accounts.ticket_form",
        regex=r"\b(?:(?:INC|RITM|SCTASK|PRB|CHG|CTASK|REQ|CS)[0-9]{6,10}|(?:TT|TKT|TCK|SR|INC|CASE|TICKET|CAS|WO"
        r"|FAULT|STO)[-#_](?:[A-Z0-9]{1,10}[-/])?[0-9]{3,12}(?:-[A-Z0-9]{2,8})?)\b",
        score=0.85,
    ),
    Pattern(
        type="TICKET_ID",
        name="accounts.ticket_subject",
        regex=r"\[(?:[A-Za-z .-]{2,30})?#(?P<v>[0-9A-Z-]{4,16})\]",
        score=0.8,
        check=has_value(4),
    ),
    Pattern(
        type="CUSTOMER_ID",
        name="accounts.customer_form",
        regex=r"\b(?:CUST|CUS|KD|KDNR|CLI|KND|SUB|SUBS|CRM|ABO)[-_]?[0-9]{4,12}\b",
        score=0.75,
    ),
    Pattern(
        type="ACCOUNT_ID",
        name="accounts.account_form",
        regex=r"\b(?:ACC|ACCT|ACT|AC|BA|BAN)[-_](?:[A-Z]{2}[-_])?[0-9]{4,12}\b",
        score=0.75,
    ),
    Pattern(
        type="CONTRACT_ID",
        name="accounts.contract_form",
        regex=r"\b(?:CTR|CT|CON|CONT|CTRT|VTR|VN|AGR|ORD|SO|PO)[-_](?:[0-9]{2,6}[-_/])?[0-9]{4,12}\b",
        score=0.7,
    ),
    Pattern(
        type="INVOICE_ID",
        name="accounts.invoice_form",
        regex=r"\b(?:INV|RE|RG|RNR|FAC|FACT|FV|FA|FT|CN|RECH)[-_/](?:[0-9]{1,6}[-_/]){0,3}"
        r"[0-9]{3,12}\b|\b(?:INV|RE|RG|RNR|FAC)[0-9]{8,10}\b",
        score=0.75,
    ),
    Pattern(
        type="CIRCUIT_ID",
        name="accounts.circuit_form",
        regex=r"\b(?:[0-9]{2}[./][A-Z]{4}[./][0-9]{6}[./]{1,4}[0-9]{0,3}[./]{0,2}[A-Z]{2,4}"
        r"|[A-Z]{2,6}/[A-Z]{2,10}/(?:[A-Z0-9]{1,8}/)?[0-9]{4,10}"
        r"|(?:OGEA|ONEA|ONEE|OGHP|BBEU|OVEU|WWEU|LLEU|IPXG|CBUK)[0-9]{6,10}|(?:CKT|CCT)[0-9]{6,12}"
        r"|(?:FTT[HBCX]|[AVSX]?DSL|GPON|MPLS|EVPL?|EPL|DIA|IPVPN|VLL|ETH)[-_](?:[A-Z0-9]{1,5}[-_])?[0-9]{4,10}"
        r"|(?:CKT|CCT|CID|EVC|CIR"
        r"|SVC)[-_](?:[A-Z0-9]{1,8}[-_/]){0,3}[0-9]{3,10})\b",
        score=0.8,
    ),
    Pattern(
        type="CIRCUIT_ID",
        name="accounts.access_line",
        regex=named(
            anyone("(?:adsl )?agent (?:circuit|remote) id, dhcp option 82, circuit id, remote id"),
            r"[A-Za-z0-9][^\"'\n\r,;<>}]{2,100}[^\s\"'\n\r,;<>}]",
            link=MARK,
        ),
        score=0.8,
        check=has_value(2),
    ),
    Pattern(
        type="CIRCUIT_ID",
        name="accounts.access_option",
        regex=r"\b(?:circuit|remote)-id[ \t]{1,4}\"(?P<v>[^\"\n]{2,100})\"",
        score=0.9,
        check=has_value(2),
    ),
    Pattern(
        type="CUSTOMER_ID",
        name="accounts.behind_name",
        regex=r"\b(?i:customer|client|subscriber|kunde|klant|cliente|abonné)[ ][^\n():]{2,60}"
        rf"\((?i:no|nr|n[º°]|number|id|ref|customer|account)?[.:# ]{{0,3}}(?P<v>{_ID})\)",
        score=0.8,
        check=has_value(4),
    ),
    Pattern(
        type="CUSTOMER_ID",
        name="accounts.of_unit",
        regex=r"(?:\b(?:ont|onu)[ \t][^\n]{0,160}[ \t]desc[12]?|\b(?:gpon|pon|epon)-onu[-_][0-9/:]{3,16}[ \t]{0,4}\r?\n"
        r"[ \t]{1,4}(?:name|description))[ \t]{1,4}\"?(?P<v>[A-Za-z]{0,5}[-_]?[0-9][0-9-]{2,16})\b",
        score=0.8,
        check=has_value(4),
    ),
    Pattern(
        type="ACCOUNT_ID",
        name="accounts.asked_for",
        regex=r"\b(?i:account|customer|contract|reference|kunden|client)[ -]?(?i:number|no|id|ref|nummer)\b"
        r"[^\n]{0,40}\?[^\n]{0,8}\n"
        rf"[^\n0-9]{{0,40}}(?P<v>{_ID})",
        score=0.75,
        check=has_value(5),
    ),
    Pattern(
        type="CIRCUIT_ID",
        name="accounts.access_form",
        regex=r"\b(?:AVC|CVC|LOC|PRI|ORD|WRI|CSA)[0-9]{12}\b|\bDEU\.[A-Z0-9]{4,8}\.[A-Z0-9]{4,8}\b"
        r"|\b[A-Z]{2,5}-(?:[0-9]{1,3}[GM]E?|ETH|MPLS|DIA|EVC|VPN|FIB|WAVE|IPT)-[0-9]{4,8}\b|\b[AB]\.[0-9]{3}\.[0-9]{3}\.[0-9]{3}\.[0-9X]\b",
        score=0.85,
    ),
)

PATTERNS: tuple[Pattern, ...] = (*STANDING, *(pattern for each in _FAMILIES for pattern in _patterns(each)))
