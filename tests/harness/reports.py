"""What receivers send back: notifications (RFC 3464), complaints (RFC 5965)."""

REPORT = """From: {sender}
To: {recipient}
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

This is a report.
--b
Content-Type: message/{kind}

{fields}
--b
Content-Type: text/rfc822-headers

{header}
--b--
"""


def notification(token, status, said, about="x@people.test"):
    """That a mail was not delivered, to the reverse-path that is told by its token."""
    return REPORT.format(sender="MAILER-DAEMON@mx.people.test", recipient=token, subject="Undelivered Mail", kind="delivery-status",
                         fields=f"Reporting-MTA: dns; mx.people.test\n\nFinal-Recipient: rfc822; {about}\nAction: failed\n"
                         f"Status: {status}\nDiagnostic-Code: smtp; {said}\n", header="Subject: x\n")


def complaint(to, header):
    """That somebody calls the mail with this header spam."""
    return REPORT.format(sender="feedback@people.test", recipient=to, subject="Abuse", kind="feedback-report",
                         fields="Feedback-Type: abuse\nUser-Agent: x\nVersion: 1\n", header=header)
