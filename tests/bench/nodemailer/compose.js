// compose.js - the mails of bench_compose, by nodemailer and Mustache: prints CPU microseconds a mail, and a mail's octets.
//
// usage: NODE_PATH=node_modules node compose.js FOLDER COUNT

"use strict";

const fs = require("fs");
const path = require("path");
const Mustache = require("mustache");
const MailComposer = require("nodemailer/lib/mail-composer");

const WARM_UP = 300;
const [folder, count] = [process.argv[2], Number(process.argv[3])];
const [html, text] = ["mail.html", "mail.txt"].map((name) => fs.readFileSync(path.join(folder, name), "utf8"));
const picture = fs.readFileSync(path.join(folder, "logo.png"));

function compose(number) {
    const url = `https://survey.example/s/${String(number).padStart(16, "0")}`;
    const unsubscribe = `https://survey.example/u/${String(number).padStart(16, "0")}`;
    const data = { greeting: `Sehr geehrte Frau Müller-${number}`, survey_url: url, unsubscribe_url: unsubscribe };
    const composer = new MailComposer({
        from: { name: "Beispiel GmbH", address: "umfrage@kunde.example" },
        to: `p${number}@leser.example`,
        subject: Mustache.render("Ihre Meinung, {{greeting}}", data, {}, { escape: String }),
        messageId: `<${number}@kunde.example>`,
        date: new Date(0),
        headers: { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated" },
        list: { unsubscribe: [[unsubscribe, "mailto:ab@kunde.example"]] },
        text: Mustache.render(text, data, {}, { escape: String }),
        html: Mustache.render(html, data).replace('src="logo.png"', 'src="cid:logo@kunde.example"'),
        attachments: [{ filename: "logo.png", content: picture, cid: "logo@kunde.example", contentType: "image/png" }],
    });
    return new Promise((resolve, reject) =>
        composer.compile().build((error, message) => (error ? reject(error) : resolve(message.length))));
}

async function main() {
    let size = 0;
    for (let i = 0; i < WARM_UP; i++) await compose(i);
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) size = await compose(i);
    const used = process.cpuUsage(before);
    console.log(`${(used.user + used.system) / count} ${size}`);
}

main();
