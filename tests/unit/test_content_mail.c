/* test_content_mail.c - whole mails: header, structure, encodings, charsets; each refused for its reason, or passed. */
#include "lib/content.h"

#define FROM "From: Umfrage <u@client.example>\r\n"
#define DATE "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\n"
#define ID "Message-ID: <1@client.example>\r\n"
#define SUBJECT "Subject: Ihre Meinung\r\n"
#define UNSUBSCRIBE "List-Unsubscribe: <https://u.example/x>, <mailto:u@u.example>\r\n"
#define POST "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
#define VERSION "MIME-Version: 1.0\r\n"
#define HEAD FROM DATE ID SUBJECT UNSUBSCRIBE POST VERSION

#define TEXT_PLAIN "Content-Type: text/plain; charset=utf-8\r\n"
#define TEXT_HTML "Content-Type: text/html; charset=utf-8\r\n"
#define PLAIN_PART "--a\r\n" TEXT_PLAIN "\r\nGuten Tag\r\n"
#define HTML_PART "--a\r\n" TEXT_HTML "\r\n<p>Guten Tag</p>\r\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=a\r\n"
/* A mail with a text and the given HTML part, beginning with its header fields. */
#define MAIL(html_part) HEAD ALTERNATIVE "\r\n" PLAIN_PART "--a\r\n" html_part "\r\n--a--\r\n"
#define PNG_DATA "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
#define PNG_PART                                                                                                       \
    "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <a>\r\n\r\n" PNG_DATA "\r\n"

#define PASSES CONTENT_REASONS

static const struct {
    const char *name;
    const char *mail;
    enum content_reason reason;
} cases[] = {
    {"plain text", HEAD TEXT_PLAIN "\r\nGuten Tag\r\n", PASSES},
    {"plain text without MIME", FROM DATE ID SUBJECT UNSUBSCRIBE POST "\r\nGuten Tag\r\n", PASSES},
    {"text and HTML", MAIL(TEXT_HTML "\r\n<p>x</p>"), PASSES},
    {"a body without a last line end", HEAD TEXT_PLAIN "\r\nGuten Tag", PASSES},
    {"text about HTML", HEAD TEXT_PLAIN "\r\nSiehe <https://x.test/> und <a@b.example>, a < b, url(http://x.test)\r\n",
     PASSES},
    {"HTML with a picture",
     HEAD ALTERNATIVE
     "\r\n" PLAIN_PART
     "--a\r\nContent-Type: multipart/related; boundary=\"b\"; type=\"text/html\"\r\n\r\n--b\r\n" TEXT_HTML
     "\r\n<img src=cid:a>\r\n--b\r\n" PNG_PART "--b--\r\n--a--\r\n",
     PASSES},
    {"related around alternative",
     HEAD "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n" ALTERNATIVE "\r\n" PLAIN_PART HTML_PART
          "--a--\r\n--b\r\n" PNG_PART "--b--\r\n",
     PASSES},
    {"a PDF attached",
     HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" ALTERNATIVE "\r\n" PLAIN_PART HTML_PART
          "--a--\r\n\r\n--b\r\nContent-Type: application/pdf; name=x.pdf\r\nContent-Disposition: attachment; "
          "filename=x.pdf\r\n\r\n%PDF-1.4\r\n--b--\r\n",
     PASSES},
    {"a preamble",
     HEAD ALTERNATIVE "\r\nThis is a multi-part message in MIME format.\r\n" PLAIN_PART HTML_PART "--a--\r\n", PASSES},
    {"quoted-printable",
     MAIL(TEXT_HTML "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p class=3D\"x\">Gr=C3=BC=\r\n=C3=9Fe</p>"),
     PASSES},
    {"base64", MAIL(TEXT_HTML "Content-Transfer-Encoding: BASE64\r\n\r\nPHA+eDwv\r\ncD4="), PASSES},
    {"8bit", MAIL(TEXT_HTML "Content-Transfer-Encoding: 8bit\r\n\r\n<p>\xc3\xa4</p>"), PASSES},
    {"iso-8859-1",
     MAIL("Content-Type: text/html; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>\xe4</p>"), PASSES},
    {"windows-1252",
     MAIL("Content-Type: text/html; charset=\"windows-1252\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>\x80</p>"),
     PASSES},
    {"folded fields",
     FROM DATE ID "Subject: Ihre\r\n Meinung\r\n"
                  "List-Unsubscribe:\r\n <https://u.example/x>,\r\n\t<mailto:u@u.example>\r\n" POST VERSION
                  "Content-Type: text/plain;\r\n\tcharset=utf-8;\r\n format=flowed\r\n\r\nGuten Tag\r\n",
     PASSES},
    {"UTF-8 in the header",
     FROM DATE ID "Subject: Gr\xc3\xbc\xc3\x9f"
                  "e\r\n" UNSUBSCRIBE POST VERSION TEXT_PLAIN "\r\nGuten Tag\r\n",
     PASSES},
    {"words beyond ASCII", HEAD TEXT_PLAIN "Content-Transfer-Encoding: 8bit\r\n\r\n\xd0\x96\r\n", PASSES},
    {"a signature's dashes",
     HEAD ALTERNATIVE "\r\n--a\r\n" TEXT_PLAIN "\r\nGuten Tag\r\n-- \r\n--\r\n--b\r\n" HTML_PART "--a--\r\n", PASSES},

    /* the header */
    {"no From", DATE ID SUBJECT UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_MISSING},
    {"no Date", FROM ID SUBJECT UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_MISSING},
    {"no Message-ID", FROM DATE SUBJECT UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_MISSING},
    {"no Subject", FROM DATE ID UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_MISSING},
    {"no List-Unsubscribe", FROM DATE ID SUBJECT POST "\r\nx\r\n", CONTENT_FIELD_MISSING},
    {"no List-Unsubscribe-Post", FROM DATE ID SUBJECT UNSUBSCRIBE "\r\nx\r\n", CONTENT_FIELD_MISSING},
    {"two From", FROM FROM DATE ID SUBJECT UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_REPEATED},
    {"two From in another case", FROM "from: x@y.example\r\n" DATE ID SUBJECT UNSUBSCRIBE POST "\r\nx\r\n",
     CONTENT_FIELD_REPEATED},
    {"two Date", FROM DATE DATE ID SUBJECT UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_REPEATED},
    {"two Message-ID", FROM DATE ID ID SUBJECT UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_REPEATED},
    {"two Subject", FROM DATE ID SUBJECT SUBJECT UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_REPEATED},
    {"two List-Unsubscribe", HEAD UNSUBSCRIBE "\r\nx\r\n", CONTENT_FIELD_REPEATED},
    {"two MIME-Version", HEAD VERSION TEXT_PLAIN "\r\nx\r\n", CONTENT_FIELD_REPEATED},
    {"unsubscribe by mail alone", FROM DATE ID SUBJECT POST "List-Unsubscribe: <mailto:u@u.example>\r\n\r\nx\r\n",
     CONTENT_UNSUBSCRIBE},
    {"unsubscribe by http", FROM DATE ID SUBJECT POST "List-Unsubscribe: <http://u.example>\r\n\r\nx\r\n",
     CONTENT_UNSUBSCRIBE},
    {"unsubscribe without brackets", FROM DATE ID SUBJECT POST "List-Unsubscribe: https://u.example\r\n\r\nx\r\n",
     CONTENT_UNSUBSCRIBE},
    {"unsubscribe with something else",
     FROM DATE ID SUBJECT POST "List-Unsubscribe: <https://u.example> x\r\n\r\nx\r\n", CONTENT_UNSUBSCRIBE},
    {"another value for one-click", FROM DATE ID SUBJECT UNSUBSCRIBE "List-Unsubscribe-Post: yes\r\n\r\nx\r\n",
     CONTENT_UNSUBSCRIBE},
    {"a receipt", HEAD "Disposition-Notification-To: x@y.example\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"a receipt of old", HEAD "return-receipt-to: x@y.example\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"a picture by field", HEAD "X-Image-URL: http://x.test/p.gif\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"a picture by another field", HEAD "X-Face-URL: http://x.test/p.gif\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"a link by field", HEAD "Link: <http://x.test/>; rel=preload\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"a logo by field", HEAD "BIMI-Location: v=BIMI1; l=http://x.test/\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"a base for old programs", HEAD "X-Base: http://x.test/\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"Content-Base", HEAD TEXT_PLAIN "Content-Base: \"http://x.test/\"\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"Content-Base in a part", MAIL(TEXT_HTML "Content-Base: http://x.test/\r\n\r\n<p>x</p>"), CONTENT_FIELD_REFUSED},
    {"Content-Location in a part", MAIL(TEXT_HTML "content-location: p.gif\r\n\r\n<p>x</p>"), CONTENT_FIELD_REFUSED},
    {"an attachment that lies elsewhere",
     MAIL(TEXT_HTML "X-Mozilla-External-Attachment-URL: http://x.test/\r\n\r\n<p>x</p>"), CONTENT_FIELD_REFUSED},
    {"a mail that says its attachment lies elsewhere",
     HEAD TEXT_PLAIN "X-Mozilla-External-Attachment-URL: http://x.test/\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"Content-Style-Type in a part", MAIL(TEXT_HTML "Content-Style-Type: text/x\r\n\r\n<p>x</p>"),
     CONTENT_FIELD_REFUSED},
    {"Content-Location", HEAD TEXT_PLAIN "Content-Location: http://x.test/\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"Content-Base", HEAD TEXT_PLAIN "Content-Base: http://x.test/\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"an unknown Content- field", HEAD TEXT_PLAIN "Content-Future: x\r\n\r\nx\r\n", CONTENT_FIELD_REFUSED},
    {"a bare CR in a field", FROM DATE ID "Subject: a\rb\r\n" UNSUBSCRIBE POST "\r\nx\r\n", CONTENT_FIELD_SYNTAX},
    {"a bare CR before a fold", FROM DATE ID "Subject: a\r\r\n b\r\n" UNSUBSCRIBE POST "\r\nx\r\n",
     CONTENT_FIELD_SYNTAX},
    {"an escape character in a field", FROM DATE ID "Subject: a\033b\r\n" UNSUBSCRIBE POST "\r\nx\r\n",
     CONTENT_FIELD_SYNTAX},
    {"a folded line of white space", FROM DATE ID "Subject: a\r\n \r\n b\r\n" UNSUBSCRIBE POST "\r\nx\r\n",
     CONTENT_FIELD_SYNTAX},
    {"Latin-1 in a field",
     FROM DATE ID "Subject: Gr\xfc\xdf"
                  "e\r\n" UNSUBSCRIBE POST "\r\nx\r\n",
     CONTENT_FIELD_SYNTAX},
    {"a space before the colon", HEAD "Content-Type : text/html\r\n\r\nx\r\n", CONTENT_FIELD_SYNTAX},
    {"a line that is no field", HEAD "hello\r\n\r\nx\r\n", CONTENT_FIELD_SYNTAX},
    {"a header without end", HEAD, CONTENT_FIELD_SYNTAX},
    {"a header with bare LF", HEAD "X-A: b\n\r\nx\r\n", CONTENT_FIELD_SYNTAX},
    {"no MIME-Version", FROM DATE ID SUBJECT UNSUBSCRIBE POST TEXT_PLAIN "\r\nx\r\n", CONTENT_FIELD_MISSING},
    {"another MIME-Version", FROM DATE ID SUBJECT UNSUBSCRIBE POST "MIME-Version: 2.0\r\n" TEXT_PLAIN "\r\nx\r\n",
     CONTENT_FIELD_SYNTAX},

    /* line ends and octets */
    {"a bare LF in the body", HEAD TEXT_PLAIN "\r\na\nb\r\n", CONTENT_LINE_END},
    {"a bare CR in the body", HEAD TEXT_PLAIN "\r\na\rb\r\n", CONTENT_LINE_END},
    {"a CR at the end", HEAD TEXT_PLAIN "\r\na\r", CONTENT_LINE_END},
    {"a doubled CR", HEAD TEXT_PLAIN "\r\na\r\r\n", CONTENT_LINE_END},

    /* types */
    {"HTML alone", HEAD TEXT_HTML "\r\n<p>x</p>\r\n", CONTENT_TEXT_MISSING},
    {"an empty text", HEAD ALTERNATIVE "\r\n--a\r\n" TEXT_PLAIN "\r\n \r\n\r\n" HTML_PART "--a--\r\n",
     CONTENT_TEXT_MISSING},
    {"a text of dashes", HEAD ALTERNATIVE "\r\n--a\r\n" TEXT_PLAIN "\r\n- - -\r\n" HTML_PART "--a--\r\n",
     CONTENT_TEXT_MISSING},
    {"a text of invisible characters",
     HEAD ALTERNATIVE "\r\n--a\r\n" TEXT_PLAIN
                      "Content-Transfer-Encoding: 8bit\r\n\r\n\xc2\xa0\xe2\x80\x8b\r\n" HTML_PART "--a--\r\n",
     CONTENT_TEXT_MISSING},
    {"a text beside the HTML, not as its alternative",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n" PLAIN_PART HTML_PART "--a--\r\n", CONTENT_TEXT_MISSING},
    {"an empty mail", HEAD TEXT_PLAIN "\r\n", CONTENT_TEXT_MISSING},
    {"two Content-Types", HEAD TEXT_PLAIN TEXT_HTML "\r\n<img src=http://x.test/>\r\n", CONTENT_FIELD_REPEATED},
    {"two Content-Types in a part", MAIL(TEXT_PLAIN TEXT_HTML "\r\n<img src=http://x.test/>"), CONTENT_FIELD_REPEATED},
    {"two transfer encodings",
     MAIL(TEXT_HTML "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\nx"),
     CONTENT_FIELD_REPEATED},
    {"two charsets", MAIL("Content-Type: text/html; charset=utf-8; charset=utf-7\r\n\r\nx"), CONTENT_TYPE_SYNTAX},
    {"two boundaries",
     HEAD "Content-Type: multipart/alternative; boundary=a; boundary=b\r\n\r\n" PLAIN_PART "--a--\r\n",
     CONTENT_TYPE_SYNTAX},
    {"an empty Content-Type", MAIL("Content-Type:\r\n\r\n<img src=http://x.test/>"), CONTENT_TYPE_SYNTAX},
    {"a comment in Content-Type", MAIL("Content-Type: text/html (x); charset=utf-8\r\n\r\nx"), CONTENT_TYPE_SYNTAX},
    {"two types in Content-Type", MAIL("Content-Type: text/plain, text/html\r\n\r\nx"), CONTENT_TYPE_SYNTAX},
    {"an open quote in Content-Type", MAIL("Content-Type: text/html; charset=\"utf-8\r\n\r\nx"), CONTENT_TYPE_SYNTAX},
    {"a part without Content-Type", MAIL("Content-ID: <x>\r\n\r\nx"), CONTENT_FIELD_MISSING},
    {"a type without subtype", MAIL("Content-Type: text\r\n\r\n<img src=http://x.test/>"), CONTENT_TYPE_REFUSED},
    {"a nested message", MAIL("Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\n\r\nx"), CONTENT_TYPE_REFUSED},
    {"an external body", MAIL("Content-Type: message/external-body; access-type=URL; URL=\"http://x.test/\"\r\n\r\nx"),
     CONTENT_TYPE_REFUSED},
    {"an external body by FTP",
     MAIL("Content-Type: message/external-body; access-type=anon-ftp; site=x.test; name=x\r\n\r\nx"),
     CONTENT_TYPE_REFUSED},
    {"an external body as the whole", HEAD "Content-Type: message/external-body; access-type=URL\r\n\r\nx\r\n",
     CONTENT_TYPE_REFUSED},
    {"AMP that loads",
     MAIL("Content-Type: text/x-amp-html; charset=utf-8\r\n\r\n<amp-img src=\"https://x.test/\"></amp-img>"),
     CONTENT_TYPE_REFUSED},
    {"a calendar with a picture",
     MAIL("Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nATTACH:http://x.test/p.gif"),
     CONTENT_TYPE_REFUSED},
    {"a contact with a photo", MAIL("Content-Type: text/vcard\r\n\r\nPHOTO;VALUE=uri:http://x.test/p.gif"),
     CONTENT_TYPE_REFUSED},
    {"a web archive", MAIL("Content-Type: application/x-mimearchive\r\n\r\nx"), CONTENT_TYPE_REFUSED},
    {"a multipart of Apple's", HEAD "Content-Type: multipart/appledouble; boundary=a\r\n\r\n" PLAIN_PART "--a--\r\n",
     CONTENT_TYPE_REFUSED},
    {"a partial message", HEAD "Content-Type: message/partial; id=x; number=1\r\n\r\nx\r\n", CONTENT_TYPE_REFUSED},
    {"AMP", MAIL("Content-Type: text/x-amp-html; charset=utf-8\r\n\r\nx"), CONTENT_TYPE_REFUSED},
    {"a calendar", MAIL("Content-Type: text/calendar; charset=utf-8\r\n\r\nBEGIN:VCALENDAR"), CONTENT_TYPE_REFUSED},
    {"XHTML", MAIL("Content-Type: application/xhtml+xml; charset=utf-8\r\n\r\n<p/>"), CONTENT_TYPE_REFUSED},
    {"XML", MAIL("Content-Type: text/xml; charset=utf-8\r\n\r\n<p/>"), CONTENT_TYPE_REFUSED},
    {"enriched text", MAIL("Content-Type: text/enriched; charset=utf-8\r\n\r\nx"), CONTENT_TYPE_REFUSED},
    {"RTF", MAIL("Content-Type: application/rtf\r\n\r\nx"), CONTENT_TYPE_REFUSED},
    {"TNEF", MAIL("Content-Type: application/ms-tnef\r\n\r\nx"), CONTENT_TYPE_REFUSED},
    {"an octet-stream", MAIL("Content-Type: application/octet-stream; name=x.html\r\n\r\n<img src=http://x.test/>"),
     CONTENT_TYPE_REFUSED},
    {"SVG", MAIL("Content-Type: image/svg+xml\r\n\r\n<svg/>"), CONTENT_TYPE_REFUSED},
    {"signed", HEAD "Content-Type: multipart/signed; boundary=a\r\n\r\n" PLAIN_PART "--a--\r\n", CONTENT_TYPE_REFUSED},
    {"a digest", HEAD "Content-Type: multipart/digest; boundary=a\r\n\r\n" PLAIN_PART "--a--\r\n",
     CONTENT_TYPE_REFUSED},
    {"a report", HEAD "Content-Type: multipart/report; boundary=a\r\n\r\n" PLAIN_PART "--a--\r\n",
     CONTENT_TYPE_REFUSED},
    {"a split charset", MAIL("Content-Type: text/html; charset*0=ut; charset*1=f-7\r\n\r\nx"), CONTENT_PARAMETER},
    {"an encoded charset", MAIL("Content-Type: text/html; charset*=us-ascii''utf-7\r\n\r\nx"), CONTENT_PARAMETER},
    {"an unknown parameter", MAIL("Content-Type: text/html; charset=utf-8; base=\"http://x.test/\"\r\n\r\nx"),
     CONTENT_PARAMETER},

    /* structure */
    {"a picture alone", HEAD PNG_PART, CONTENT_STRUCTURE},
    {"a picture as alternative", MAIL(PNG_PART), CONTENT_STRUCTURE},
    {"a PDF as alternative", MAIL("Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF-1"),
     CONTENT_STRUCTURE},
    {"a second HTML in related",
     HEAD ALTERNATIVE "\r\n" PLAIN_PART "--a\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n" TEXT_HTML
                      "\r\n<p>\r\n--b\r\n" TEXT_HTML "\r\n<p>\r\n--b--\r\n--a--\r\n",
     CONTENT_STRUCTURE},
    {"a picture first in related",
     HEAD ALTERNATIVE "\r\n" PLAIN_PART "--a\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n" PNG_PART
                      "--b--\r\n--a--\r\n",
     CONTENT_STRUCTURE},
    {"mixed in mixed",
     HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; "
          "boundary=a\r\n\r\n" PLAIN_PART "--a--\r\n--b--\r\n",
     CONTENT_STRUCTURE},
    {"no boundary", HEAD "Content-Type: multipart/alternative\r\n\r\n" PLAIN_PART "--a--\r\n", CONTENT_BOUNDARY},
    {"an empty boundary", HEAD "Content-Type: multipart/alternative; boundary=\"\"\r\n\r\n" PLAIN_PART "--a--\r\n",
     CONTENT_TYPE_SYNTAX},
    {"an odd boundary",
     HEAD "Content-Type: multipart/alternative; boundary=\"a<b\"\r\n\r\n--a<b\r\n" TEXT_PLAIN "\r\nx\r\n--a<b--\r\n",
     CONTENT_BOUNDARY},
    {"a boundary that ends in a space",
     HEAD "Content-Type: multipart/alternative; boundary=\"a \"\r\n\r\n--a \r\n" TEXT_PLAIN "\r\nx\r\n--a --\r\n",
     CONTENT_BOUNDARY},
    {"no part", HEAD ALTERNATIVE "\r\n--a--\r\n", CONTENT_BOUNDARY},
    {"no delimiter", HEAD ALTERNATIVE "\r\nGuten Tag\r\n", CONTENT_BOUNDARY},
    {"not closed", HEAD ALTERNATIVE "\r\n" PLAIN_PART HTML_PART, CONTENT_BOUNDARY},
    {"an inner multipart not closed",
     HEAD ALTERNATIVE "\r\n" PLAIN_PART "--a\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n" TEXT_HTML
                      "\r\n<p>\r\n--a--\r\n",
     CONTENT_BOUNDARY},
    {"a delimiter with a blank",
     HEAD ALTERNATIVE "\r\n" PLAIN_PART "--a \r\n" TEXT_HTML "\r\n<img src=http://x.test/>\r\n--a--\r\n",
     CONTENT_BOUNDARY},
    {"a delimiter and more",
     HEAD ALTERNATIVE "\r\n" PLAIN_PART "--ab\r\n" TEXT_HTML "\r\n<img src=http://x.test/>\r\n--a--\r\n",
     CONTENT_BOUNDARY},
    {"the same boundary inside",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" ALTERNATIVE "\r\n" PLAIN_PART HTML_PART
          "--a--\r\n--a--\r\n",
     CONTENT_FIELD_SYNTAX},
    {"a boundary that begins with another",
     HEAD "Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n" ALTERNATIVE "\r\n" PLAIN_PART HTML_PART
          "--a--\r\n--ab--\r\n",
     CONTENT_BOUNDARY},
    {"text after the last part", HEAD ALTERNATIVE "\r\n" PLAIN_PART HTML_PART "--a--\r\n<img src=http://x.test/>\r\n",
     CONTENT_OUTSIDE_PARTS},
    {"a part after the last part",
     HEAD ALTERNATIVE "\r\n" PLAIN_PART HTML_PART "--a--\r\n--a\r\n" TEXT_HTML
                      "\r\n<img src=http://x.test/>\r\n--a--\r\n",
     CONTENT_OUTSIDE_PARTS},
    {"HTML before the first part", HEAD ALTERNATIVE "\r\n<img src=http://x.test/>\r\n" PLAIN_PART HTML_PART "--a--\r\n",
     CONTENT_OUTSIDE_PARTS},
    {"a header before the first part",
     HEAD ALTERNATIVE "\r\nContent-Type: text/html\r\n\r\n" PLAIN_PART HTML_PART "--a--\r\n", CONTENT_OUTSIDE_PARTS},
    {"a part without header",
     HEAD ALTERNATIVE "\r\n--a\r\n<img src=http://x.test/>\r\n" PLAIN_PART HTML_PART "--a--\r\n", CONTENT_FIELD_SYNTAX},
    {"a part in the header of a part", HEAD ALTERNATIVE "\r\n" PLAIN_PART "--a\r\nX-A: b\r\n--a--\r\n",
     CONTENT_FIELD_SYNTAX},

    /* dispositions and names */
    {"HTML attached", MAIL(TEXT_HTML "Content-Disposition: attachment; filename=x.html\r\n\r\n<p>"),
     CONTENT_DISPOSITION},
    {"a PDF inline",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n" PLAIN_PART
          "--a\r\nContent-Type: application/pdf\r\n\r\n%PDF-1\r\n--a--\r\n",
     CONTENT_DISPOSITION},
    {"an unknown disposition", MAIL(TEXT_HTML "Content-Disposition: x\r\n\r\n<p>"), CONTENT_DISPOSITION},
    {"a picture named as HTML",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n" PLAIN_PART
          "--a\r\nContent-Disposition: attachment; filename=\"x.png.html\"\r\n" PNG_PART "--a--\r\n",
     CONTENT_FILE_NAME},
    {"a PDF named as a shortcut",
     HEAD
     "Content-Type: multipart/mixed; boundary=a\r\n\r\n" PLAIN_PART
     "--a\r\nContent-Type: application/pdf; name=x.URL\r\nContent-Disposition: attachment\r\n\r\n%PDF-1\r\n--a--\r\n",
     CONTENT_FILE_NAME},

    /* encodings */
    {"an unknown encoding", MAIL(TEXT_HTML "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin"), CONTENT_ENCODING},
    {"binary", MAIL(TEXT_HTML "Content-Transfer-Encoding: binary\r\n\r\n<p>"), CONTENT_ENCODING},
    {"an encoded multipart",
     HEAD ALTERNATIVE "Content-Transfer-Encoding: base64\r\n\r\n" PLAIN_PART HTML_PART "--a--\r\n", CONTENT_ENCODING},
    {"8-bit characters in 7bit", MAIL(TEXT_HTML "\r\n<p>\xc3\xa4</p>"), CONTENT_ENCODING},
    {"8-bit characters in quoted-printable",
     MAIL(TEXT_HTML "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>\xc3\xa4</p>"), CONTENT_ENCODING},
    {"broken quoted-printable", MAIL(TEXT_HTML "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p a=b>"),
     CONTENT_ENCODING},
    {"lower-case quoted-printable",
     MAIL(TEXT_HTML "Content-Transfer-Encoding: quoted-printable\r\n\r\n=3cimg src=3dhttp://x.test/>"),
     CONTENT_ENCODING},
    {"half a quoted-printable", MAIL(TEXT_HTML "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>="),
     CONTENT_ENCODING},
    {"a blank at a line's end", MAIL(TEXT_HTML "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>= \r\nx"),
     CONTENT_ENCODING},
    {"a foreign character in base64", MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPHA+!eDwvcD4="),
     CONTENT_ENCODING},
    {"a blank in base64", MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPHA+ eDwvcD4="), CONTENT_ENCODING},
    {"base64 without padding", MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPHA+eDwvcD4"),
     CONTENT_ENCODING},
    {"base64 after padding", MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPHA+eA==PGltZz4="),
     CONTENT_ENCODING},
    {"too much padding", MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPHA+eA==="), CONTENT_ENCODING},
    {"bits left over in base64", MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPHA+eB=="), CONTENT_ENCODING},
    {"a picture in base64 of HTML",
     MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPGltZyBzcmM9aHR0cDovL3gudGVzdC8+"), CONTENT_IMAGE},
    {"a picture in quoted-printable of HTML",
     MAIL(TEXT_HTML "Content-Transfer-Encoding: quoted-printable\r\n\r\n<i=6Dg s=\r\nrc=3D\"ht=\r\ntp://x.test/\">"),
     CONTENT_IMAGE},

    /* charsets */
    {"utf-7", MAIL("Content-Type: text/html; charset=utf-7\r\n\r\n+ADw-img src+AD0-http://x.test/+AD4-"),
     CONTENT_CHARSET},
    {"utf-16", MAIL("Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\nPABwAD4A"),
     CONTENT_CHARSET},
    {"iso-2022-jp", MAIL("Content-Type: text/html; charset=iso-2022-jp\r\n\r\n<p>"), CONTENT_CHARSET},
    {"EBCDIC", MAIL("Content-Type: text/html; charset=cp037\r\n\r\n<p>"), CONTENT_CHARSET},
    {"an unknown charset", MAIL("Content-Type: text/html; charset=x\r\n\r\n<p>"), CONTENT_CHARSET},
    {"HTML without charset", MAIL("Content-Type: text/html\r\n\r\n<p>"), CONTENT_CHARSET},
    {"broken UTF-8", MAIL(TEXT_HTML "Content-Transfer-Encoding: 8bit\r\n\r\n<p>\xe4</p>"), CONTENT_CHARSET},
    {"8-bit characters in us-ascii",
     MAIL("Content-Type: text/html; charset=us-ascii\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>\xc3\xa4</p>"),
     CONTENT_CHARSET},
    {"C1 controls in iso-8859-1",
     MAIL("Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>\x9b</p>"),
     CONTENT_CHARSET},
    {"undefined in windows-1252",
     MAIL("Content-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>\x81</p>"),
     CONTENT_CHARSET},
    {"UTF-16's mark in iso-8859-1",
     MAIL("Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xff\xfe<p>"),
     CONTENT_CHARSET},
    {"NUL by base64", MAIL(TEXT_HTML "Content-Transfer-Encoding: base64\r\n\r\nPABpbWc+"), CONTENT_CONTROL},

    /* plain text */
    {"HTML as plain text", HEAD TEXT_PLAIN "\r\n<html><img src=http://x.test/></html>\r\n", CONTENT_PLAIN_HTML},
    {"HTML without charset as plain text", FROM DATE ID SUBJECT UNSUBSCRIBE POST "\r\n<HTML>x\r\n", CONTENT_PLAIN_HTML},
    {"a doctype as plain text", HEAD TEXT_PLAIN "\r\n  <!DOCTYPE html>\r\n", CONTENT_PLAIN_HTML},
    {"a comment as plain text", HEAD TEXT_PLAIN "\r\n<!-- x -->\r\n", CONTENT_PLAIN_HTML},
    {"XML as plain text", HEAD TEXT_PLAIN "\r\n<?xml version=\"1.0\"?>\r\n", CONTENT_PLAIN_HTML},
    {"a picture as plain text", HEAD TEXT_PLAIN "\r\nx <img src=http://x.test/>\r\n", CONTENT_PLAIN_HTML},
    {"a picture with a slash as plain text", HEAD TEXT_PLAIN "\r\nx <img/src=http://x.test/>\r\n", CONTENT_PLAIN_HTML},
    {"a script as plain text", HEAD TEXT_PLAIN "\r\nx <script>\r\n", CONTENT_PLAIN_HTML},
    {"an end tag as plain text", HEAD TEXT_PLAIN "\r\nx </body>\r\n", CONTENT_PLAIN_HTML},
    {"HTML in base64 as plain text",
     HEAD TEXT_PLAIN "Content-Transfer-Encoding: base64\r\n\r\nPGltZyBzcmM9aHR0cDovL3gudGVzdC8+\r\n",
     CONTENT_PLAIN_HTML},
    {"uuencode", HEAD TEXT_PLAIN "\r\nx\r\nbegin 644 x.html\r\nM\r\nend\r\n", CONTENT_PLAIN_ENCODED},
    {"uuencode first", HEAD TEXT_PLAIN "\r\nbegin-base64 644 x.html\r\nxx\r\n====\r\n", CONTENT_PLAIN_ENCODED},
    {"yEnc", HEAD TEXT_PLAIN "\r\n=ybegin line=128 size=1 name=x.html\r\n", CONTENT_PLAIN_ENCODED},

    /* pictures and PDFs */
    {"SVG said to be PNG",
     HEAD ALTERNATIVE "\r\n" PLAIN_PART "--a\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n" TEXT_HTML
                      "\r\n<p>\r\n--b\r\nContent-Type: image/png\r\n\r\n<svg/>\r\n--b--\r\n--a--\r\n",
     CONTENT_IMAGE_DATA},
    {"PNG said to be JPEG",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n" PLAIN_PART
          "--a\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n" PNG_DATA "\r\n--a--\r\n",
     CONTENT_IMAGE_DATA},
    {"HTML said to be PDF",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n" PLAIN_PART
          "--a\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n<p>\r\n--a--\r\n",
     CONTENT_IMAGE_DATA},
    {"a remote picture in the HTML part", MAIL(TEXT_HTML "\r\n<img src=\"http://x.test/\">"), CONTENT_IMAGE},
};

static gboolean has_reason(GPtrArray *findings, enum content_reason reason)
{
    for (guint i = 0; i < findings->len; i++)
        if (((struct content_finding *)g_ptr_array_index(findings, i))->reason == reason)
            return TRUE;
    return FALSE;
}

/* Checks a mail; fails where the first or another finding is not of this reason. */
static void expect(const char *name, struct slice mail, enum content_reason reason)
{
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_autoptr(GPtrArray) findings = content_findings_new();
    gboolean passed = content_check_message(mail, &options, findings);
    g_test_message("%s", name);
    g_assert_cmpint(passed, ==, findings->len == 0);
    g_assert_cmpint(passed, ==, content_check_message(mail, &options, NULL));
    g_autofree char *text = passed ? NULL : content_finding_text(g_ptr_array_index(findings, 0));
    if (passed != (reason == PASSES))
        g_error("%s: %s", name, passed ? "passed" : text);
    if (!passed && !has_reason(findings, reason))
        g_error("%s: refused for another reason: %s", name, text);
}

static void test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        expect(cases[i].name, slice_of(cases[i].mail), cases[i].reason);
}

static void test_nul(void)
{
    static const char mail[] = HEAD TEXT_PLAIN "\r\na\0b\r\n";
    expect("NUL", (struct slice){mail, sizeof mail - 1}, CONTENT_NUL);
}

static void append_times(GString *out, const char *text, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        g_string_append(out, text);
}

static void test_limits(void)
{
    g_autoptr(GString) fields = g_string_new(HEAD);
    append_times(fields, "X-A: b\r\n", CONTENT_MAX_FIELDS - 7);
    g_autofree char *just = g_strconcat(fields->str, "\r\nGuten Tag\r\n", NULL);
    g_autofree char *more = g_strconcat(fields->str, "X-B: c\r\n\r\nGuten Tag\r\n", NULL);
    expect("64 fields", slice_of(just), PASSES);
    expect("65 fields", slice_of(more), CONTENT_FIELD_COUNT);

    g_autoptr(GString) large = g_string_new(HEAD "X-A: ");
    append_times(large, "x", CONTENT_MAX_FIELD_SIZE);
    g_string_append(large, "\r\n\r\nGuten Tag\r\n");
    expect("a large field", slice_of(large->str), CONTENT_FIELD_SIZE);

    g_autoptr(GString) line = g_string_new(HEAD TEXT_PLAIN "\r\n");
    append_times(line, "x", MIME_LINE_MAX);
    g_string_append(line, "\r\n");
    expect("a line of 998", slice_of(line->str), PASSES);
    g_string_insert(line, (gssize)line->len - 2, "x");
    expect("a line of 999", slice_of(line->str), CONTENT_LINE_LENGTH);

    g_autoptr(GString) message = g_string_new(HEAD TEXT_PLAIN "\r\n");
    append_times(message, "Guten Tag\r\n", 50000);
    expect("a large message", slice_of(message->str), CONTENT_MESSAGE_SIZE);
}

static void test_many_parts(void)
{
    g_autoptr(GString) mail = g_string_new(HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n");
    append_times(mail, PLAIN_PART, CONTENT_MAX_PARTS - 1);
    g_autofree char *just = g_strconcat(mail->str, "--a--\r\n", NULL);
    g_autofree char *more = g_strconcat(mail->str, PLAIN_PART, "--a--\r\n", NULL);
    expect("100 parts", slice_of(just), PASSES);
    expect("101 parts", slice_of(more), CONTENT_PARTS);
}

static void test_depth(void)
{
    g_autoptr(GString) mail = g_string_new(HEAD);
    for (unsigned i = 0; i <= CONTENT_MAX_DEPTH; i++)
        g_string_append_printf(mail, "Content-Type: multipart/mixed; boundary=%ub\r\n\r\n--%ub\r\n", i, i);
    g_string_append(mail, TEXT_PLAIN "\r\nGuten Tag\r\n");
    for (unsigned i = CONTENT_MAX_DEPTH + 1; i-- > 0;)
        g_string_append_printf(mail, "--%ub--\r\n", i);
    expect("9 multiparts", slice_of(mail->str), CONTENT_DEPTH);
}

static void test_places(void)
{
    static const char mail[] = MAIL(TEXT_HTML "\r\n<p>\r\n<img src=\"http://x.test/\">");
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_autoptr(GPtrArray) findings = content_findings_new();
    g_assert_false(content_check_message(slice_of(mail), &options, findings));
    g_assert_cmpuint(findings->len, ==, 1);
    g_autofree char *text = content_finding_text(g_ptr_array_index(findings, 0));
    g_assert_true(g_str_has_prefix(text, "part 2, line 2: <img src=\"http://x.test/\">: only cid:"));
}

/* A milter hands over fields folded with LF alone. */
static void test_milter_folding(void)
{
    static const struct mime_field fields[] = {
        {SLICE_LITERAL("From"), SLICE_LITERAL(" u@client.example")},
        {SLICE_LITERAL("Date"), SLICE_LITERAL("Mon, 23 Nov 2026 08:00:00 +0100")},
        {SLICE_LITERAL("Message-ID"), SLICE_LITERAL("<1@client.example>")},
        {SLICE_LITERAL("Subject"), SLICE_LITERAL("Ihre\n Meinung")},
        {SLICE_LITERAL("List-Unsubscribe"), SLICE_LITERAL("<https://u.example/x>,\n\t<mailto:u@u.example>")},
        {SLICE_LITERAL("List-Unsubscribe-Post"), SLICE_LITERAL("List-Unsubscribe=One-Click")},
        {SLICE_LITERAL("MIME-Version"), SLICE_LITERAL("1.0")},
        {SLICE_LITERAL("Content-Type"), SLICE_LITERAL("text/plain;\n\tcharset=\"utf-8\"")},
    };
    struct content_message message = {fields, G_N_ELEMENTS(fields), SLICE_LITERAL("Guten Tag\r\n")};
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_assert_true(content_check(&message, &options, NULL));
}

static void test_newsletters(void)
{
    static const char *const names[] = {"agency.eml", "latin.eml", "plain.eml", "question.eml"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_test_build_filename(G_TEST_DIST, "tests/data/newsletter", names[i], NULL);
        g_autofree char *data = NULL;
        size_t size;
        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        expect(names[i], (struct slice){data, size}, PASSES);
    }
}

/* Whatever a mail is cut at, it is read without harm, and a mail that lost its end does not pass as the whole. */
static void test_cut(void)
{
    static const char mail[] =
        MAIL(TEXT_HTML "\r\n<p style='a:rgb(1)'><!--[if mso]><p><![endif]--><a href=\"https://x.test/\">x</a>");
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_assert_true(content_check_message(slice_of(mail), &options, NULL));
    for (size_t length = sizeof mail - 5; length > 0; length--) {
        g_autofree char *exact = g_memdup2(mail, length);
        g_assert_false(content_check_message((struct slice){exact, length}, &options, NULL));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/content-mail/cases", test_cases);
    g_test_add_func("/content-mail/nul", test_nul);
    g_test_add_func("/content-mail/limits", test_limits);
    g_test_add_func("/content-mail/many-parts", test_many_parts);
    g_test_add_func("/content-mail/depth", test_depth);
    g_test_add_func("/content-mail/places", test_places);
    g_test_add_func("/content-mail/milter-folding", test_milter_folding);
    g_test_add_func("/content-mail/newsletters", test_newsletters);
    g_test_add_func("/content-mail/cut", test_cut);
    return g_test_run();
}
