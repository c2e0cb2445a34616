"""Mails and mailboxes."""

from email.message import EmailMessage
from email.policy import SMTP

BODY = """Hello,

the line of customer 4711 is down since Monday.

On Mon, 3 Mar 2031 at 10:11, Support wrote:
> Which lamp is red?
> Please look at the router.

Kind regards
--{space}
Anna Example
Ringfence Telecom
""".format(space=" ")


def mail(subject: str = "Line down", body: str = BODY, files: dict[str, bytes] | None = None) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Anna Example <anna@telecom.example>"
    message["To"] = "support@telecom.example"
    message["Subject"] = subject
    message["Date"] = "Mon, 03 Mar 2031 11:00:00 +0000"
    message["Message-ID"] = "<1@telecom.example>"
    message.set_content(body)
    for name, data in (files or {}).items():
        message.add_attachment(data, "application", "octet-stream", filename=name)
    return message.as_bytes()


def hypertext() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "shop@telecom.example"
    message["To"] = "anna@telecom.example"
    message["Subject"] = "Störung"
    message["Date"] = "Mon, 03 Mar 2031 11:00:00 +0000"
    message.set_content("<p>Ihr <b>Anschluss</b> ist gestört.</p><table><tr><td>Seit<td>10 Uhr</table>", subtype="html")
    return message.as_bytes()


def nested(depth: int) -> bytes:
    inner = EmailMessage()
    inner["Subject"] = "innermost"
    inner.set_content("The router has four ports.")
    for number in range(depth):
        outer = EmailMessage()
        outer["From"], outer["To"], outer["Subject"] = "a@b.example", "c@d.example", f"forwarded {number}"
        outer.set_content("see below")
        outer.add_attachment(inner)
        inner = outer
    return inner.as_bytes()


def attached(count: int) -> bytes:
    """As many small files in one mail."""
    head = b"From: a@b.example\nTo: c@d.example\nSubject: s\nMIME-Version: 1.0\n"
    head += b"Content-Type: multipart/mixed; boundary=b\n\n"
    part = b"--b\nContent-Disposition: attachment; filename=a.txt\n\nThe router has four ports.\n"
    return head + part * count + b"--b--\n"


def mailbox(count: int) -> bytes:
    each = mail(body="The router has four ports.\n").replace(b"\r\n", b"\n")
    return b"".join(
        b"From anna@telecom.example Mon Mar  3 11:00:00 2031\n"
        + each.replace(b"Line down", b"Ticket %d" % number)
        + b"\n\n"
        for number in range(count)
    )
