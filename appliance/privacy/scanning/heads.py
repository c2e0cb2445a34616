"""Names of columns, by which the head of a table tells what stands below it."""

import re

# In lower case, with one blank for each joint.
_NAMES = {
    "SERIAL_NUMBER": """
        serial, serial number, serial no, serialnumber, serialno, sn, s/n, ont sn, onu sn, ont serial, sernum,
        seriennummer, numéro de série, número de serie, numero di serie, serienummer, número de série, numer seryjny
    """,
    "IMEI": "imei, imeisv, imei number",
    "IMSI": "imsi, supi",
    "ICCID": "iccid, icc id, sim, sim number, eid, sim card number",
    "MSISDN": "msisdn, calling number, called number, a number, b number, cli",
    "PASSWORD": """
        password, passwd, pwd, pass, pin, pin1, pin2, puk, puk1, puk2, passwort, kennwort, mot de passe, contraseña,
        wachtwoord, senha, hasło, pppoe password, ppp password, radius password, secret, enable, enable password,
        enable secret, pw, loid, reg id, registration id
    """,
    "WIFI_KEY": "wifi key, wifi password, wlan key, wpa key, psk, wifikey, wlan schlüssel, wpa psk, passphrase",
    "SSID": "ssid, wifi name, wlan name, essid, network name",
    "USERNAME": """
        username, user name, login, user, pppoe user, pppoe username, radius user, benutzer, benutzername, usuario,
        utente, utilisateur, identifiant, gebruiker, utilizador, użytkownik, ppp login
    """,
    "HOSTNAME": """
        hostname, host name, host, device, device id, device name, system name, neighbor, node, router, fqdn,
        cpe name, ap name, sys name, sysname, rem host name, neighbor device id, remote system name, hosts
    """,
    "SNMP_COMMUNITY": "community, snmp community, community string",
    "CUSTOMER_ID": """
        customer, customer id, customer no, customer number, cust id, client id, subscriber id, subscriber,
        kundennummer, kunden nr, kundennr, numéro client, número de cliente, codice cliente, klantnummer,
        numer klienta, crm id
    """,
    "ACCOUNT_ID": """
        account, account id, account no, account number, acct, acct no, billing account, kundenkonto, vertragskonto
    """,
    "CONTRACT_ID": """
        contract, contract id, contract no, contract number, order id, order no, vertragsnummer, contrat, contrato
    """,
    "INVOICE_ID": """
        invoice, invoice id, invoice no, invoice number, bill no, rechnungsnummer, rechnungs nr, facture, factura,
        fattura, factuurnummer, fatura, faktura
    """,
    "TICKET_ID": "ticket, ticket id, ticket no, case, case id, incident, incident id, vorgangsnummer, störungsnummer",
    "CIRCUIT_ID": "circuit, circuit id, line id, service id, leitung, leitungs id, access id, evc, cct",
    "CUSTOMER_PORT": "onuindex, onu index, ont index, ont id, onu id, pon port, f/s/p, olt port, customer port, ont",
    "PERSON": """
        customer name, subscriber name, client name, first name, last name, surname, full name, contact,
        contact name, vorname, nachname, kundenname, prénom, nom du client, nombre y apellidos, apellidos, cognome,
        achternaam, nazwisko
    """,
    "ADDRESS": """
        street, street address, postal address, installation address, service address, straße, anschrift, adresse
    """,
    "PHONE_NUMBER": """
        phone, phone number, telephone, mobile, telefon, téléphone, teléfono, telefono, telefoon, telefone
    """,
    "DATE_OF_BIRTH": "dob, birth date, date of birth, birthday, geburtsdatum, date de naissance, fecha de nacimiento",
}
TYPES = frozenset(_NAMES)
# Names of columns that tell nothing about a person, but that this is the head of a table.
_OTHERS = """
    ip, ip address, ipv4, ipv6, address, mac, mac address, vlan, vlan id, status, state, port, interface, intf,
    local intf, port id, type, model, platform, capability, holdtime, hold time, date, time, name, email, e mail,
    city, zip, plz, plan, tariff, product, amount, uptime, age, description, part number, version, rx power, speed,
    remarks, admin, oper, pon
"""


def named_types() -> dict[str, str]:
    """The type of what stands below each name."""
    return {name: type_ for type_, names in _NAMES.items() for name in _listed(names)}


def other_names() -> list[str]:
    return _listed(_OTHERS)


def _listed(names: str) -> list[str]:
    return re.split(r",\s+", names.strip())
