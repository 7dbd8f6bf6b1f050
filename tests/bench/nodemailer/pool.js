// pool.js - nodemailer as its documentation advises for bulk mail: a pool that is kept full, each mail composed and signed here.
//
// usage: NODE_PATH=node_modules node pool.js HOST PORT CONNECTIONS FOLDER DOMAIN FIRST COUNT
// FOLDER has mail.html, mail.txt, logo.png, headers.json, and the key rsa.pem. Ends when the server has taken all.

"use strict";

const fs = require("fs");
const path = require("path");
const nodemailer = require("nodemailer");

const [host, port, connections, folder, domain, first, count] = process.argv.slice(2);
const read = (name, encoding) => fs.readFileSync(path.join(folder, name), encoding);
const [html, text] = [read("mail.html", "utf8"), read("mail.txt", "utf8")];
const [picture, headers] = [read("logo.png"), JSON.parse(read("headers.json", "utf8"))];

const transport = nodemailer.createTransport({
    host, port: Number(port), secure: false, ignoreTLS: true,
    pool: true, maxConnections: Number(connections), maxMessages: Infinity,
    dkim: { domainName: domain, keySelector: "rsa", privateKey: read("rsa.pem", "utf8"), cacheDir: false },
});

function mail(number) {
    const personal = (template) => template.replaceAll("@NUMBER@", String(number));
    return {
        envelope: { from: `bounce+${number}@${domain}`, to: `n${number}@people.test` },
        from: { name: "Muster GmbH", address: `umfrage@${domain}` },
        to: `n${number}@people.test`,
        subject: "Ihre Meinung ist uns wichtig",
        messageId: `<${number}.n@${domain}>`,
        headers,
        text: personal(text),
        html: personal(html),
        attachments: [{ filename: "logo.png", content: picture, cid: `logo@${domain}`, contentType: "image/png" }],
    };
}

let [next, taken] = [Number(first), 0];
const end = next + Number(count);

function fill() {
    while (next < end && transport.isIdle())
        transport.sendMail(mail(next++)).then(() => { if (++taken === Number(count)) transport.close(); },
            (error) => { console.error(String(error)); process.exit(1); });
}

transport.on("idle", fill);
