"""Numbers of SIM cards, phones and subscribers of a mobile network."""

from appliance.privacy.proofs.telecom_numbers import has_digits, is_eid, is_iccid, is_imei, is_imsi, is_named_imei
from appliance.privacy.scanning.label import SIGN, anyone, named
from appliance.privacy.scanning.pattern import Pattern

_NUMBER = r"(?:[ _.-]{0,2}(?:number|num|no|nr|nummer|code|sv)\b\.?|[ _-]{0,2}(?:n[º°]|[12#]))?"

_SIM = anyone("icc ?id, e?sim, sim card, uicc, sim ?karte n?, sim ?kaart, carte sim, tarjeta sim")
_SUBSCRIBER = anyone("""
    msisdn, gpsi, calling number, called number, calling party number, called party number, a number, b number, cli,
    cld, ani, dnis, calling line id, ddi, did, calling station id, called station id, redirecting number
""")

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="IMEI",
        name="telecom.imei",
        regex=r"\b[0-9]{2}[- /]?[0-9]{6}[- /]?[0-9]{6}[- /]?[0-9]\b",
        score=0.6,
        context=("imei", "handset", "device", "phone", "terminal", "gerät", "equipment", "tac", "eir", "cgsn"),
        lifted=0.95,
        check=is_imei,
    ),
    Pattern(
        type="IMEI",
        name="telecom.imei_named",
        regex=named(
            rf"(?:imei(?:sv)?(?:[ _/-]?sv)?|tac[ /+]{{1,3}}snr){_NUMBER}",
            r"\b[0-9]{2}[- /]?[0-9]{6}[- /]?[0-9]{6}(?:[- /]?[0-9]{1,2})?\b",
        ),
        score=0.97,
        check=is_named_imei,
    ),
    Pattern(
        type="IMEI",
        name="telecom.meid",
        regex=named("meid(?:[ _-]?hex)?|esn", r"\b(?:[A-F0-9]{14,15}|80[A-F0-9]{6})\b"),
        score=0.9,
        ignore_case=True,
        check=has_digits(4, 15),
    ),
    Pattern(
        type="IMEI",
        name="telecom.imeisv",
        regex=r"\b(?:35|86|01|99|91)[0-9]{14}\b",
        score=0.3,
        context=("imei", "imeisv", "handset", "eir"),
        lifted=0.95,
    ),
    Pattern(
        type="IMSI",
        name="telecom.imsi",
        regex=r"\b[2-79][0-9]{13,14}\b",
        score=0.3,
        context=("imsi", "supi", "subscriber", "hlr", "hss", "udm", "sim", "mcc", "mnc", "usim", "mme", "apn", "cimi"),
        lifted=0.85,
        check=is_imsi,
    ),
    Pattern(
        type="IMSI",
        name="telecom.imsi_named",
        regex=named(rf"(?:3gpp[ _-]{{0,2}})?(?:imsi|supi){_NUMBER}", r"\b[0-9]{14,15}\b"),
        score=0.97,
    ),
    Pattern(
        type="IMSI",
        name="telecom.imsi_parts",
        regex=named(
            rf"imsi{_NUMBER}",
            r"\b[2-79][0-9]{2}[- /][0-9]{2,3}(?:[- /][0-9]{3,10}){1,4}\b",
        ),
        score=0.95,
        check=is_imsi,
    ),
    Pattern(
        type="IMSI",
        name="telecom.suci",
        regex=r"\bsuci-0-[0-9]{3}-[0-9]{2,3}-[0-9A-Fa-f]{1,4}-[0-9]-[0-9]{1,3}-[0-9A-Fa-f]{8,120}\b",
        score=0.95,
    ),
    Pattern(
        type="IMSI",
        name="telecom.nai",
        regex=r"\b[0-9]{15,16}@(?:[a-z]{2,8}\.){0,3}mnc[0-9]{3}\.mcc[0-9]{3}\.3gppnetwork\.org\b",
        score=0.99,
        ignore_case=True,
    ),
    Pattern(
        type="ICCID",
        name="telecom.iccid",
        regex=r"\b89[0-9]{2}(?:[ -]?[0-9]){14,16}",
        score=0.6,
        context=("iccid", "sim", "card", "karte", "carte", "tarjeta", "usim", "esim", "profile"),
        lifted=0.95,
        check=is_iccid,
    ),
    Pattern(
        type="ICCID",
        name="telecom.iccid_named",
        regex=named(
            rf"(?:{_SIM})(?:[ _.-]{{0,2}}(?:number|num|no|nr|nummer|id|serial|serial number)\b\.?)?",
            r"\b89[0-9]{2}(?:[ -]?[0-9]){13,16}[Ff]?\b",
        ),
        score=0.95,
    ),
    Pattern(type="ICCID", name="telecom.eid", regex=r"\b89(?:[ -]?[0-9]){30}\b", score=0.7, check=is_eid),
    Pattern(
        type="ICCID",
        name="telecom.eid_named",
        regex=named(anyone("eid, euicc id, esim id"), r"\b89(?:[ -]?[0-9]){30}\b"),
        score=0.95,
    ),
    Pattern(
        type="MSISDN",
        name="telecom.msisdn",
        regex=named(
            rf"(?:{_SUBSCRIBER}){_NUMBER}",
            r"\+?\b[0-9]{1,4}(?:[ ./-]?\(?[0-9]{1,8}\)?){1,6}\b",
        ),
        score=0.9,
        check=has_digits(7, 15),
    ),
    Pattern(
        type="PASSWORD",
        name="telecom.puk",
        regex=named(r"(?:pin|puk)[ _-]?[12]?(?:[ _-]?code)?", r"\b[0-9]{4,8}\b", link=SIGN),
        score=0.85,
    ),
    Pattern(
        type="PASSWORD",
        name="telecom.sim_key",
        regex=named(r"ki|opc?|k_i|op_c|auc[ _-]?key|k4|adm1?", r"\b(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{16})\b", link=SIGN),
        score=0.9,
    ),
)
