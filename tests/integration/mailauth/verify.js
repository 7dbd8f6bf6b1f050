/*
 * verify.js - has mailauth verify the DKIM signatures of mails.
 *
 * usage: node verify.js MODULES FOLDER
 *
 * MODULES is the folder that holds mailauth. Of each FOLDER/NAME.signed a line of JSON is printed: file, and for each
 * signature its algorithm and result. Keys come from FOLDER/records, "name TAB text" a line; DNS is never asked.
 */
'use strict';

const fs = require('fs');
const path = require('path');

const [modules, folder] = process.argv.slice(2);
const { dkimVerify } = require(path.join(modules, 'mailauth/lib/dkim/verify'));

const records = new Map(fs.readFileSync(path.join(folder, 'records'), 'utf8').trim().split('\n')
    .map(line => line.split('\t')));

async function resolver(name, type) {
    const text = records.get(`${name}.`);
    if (type !== 'TXT' || text === undefined)
        throw Object.assign(new Error(`${name} ${type}: not in the records`), { code: 'ENOTFOUND' });
    return [[text]];
}

async function main() {
    for (const file of fs.readdirSync(folder).filter(name => name.endsWith('.signed'))) {
        const { results } = await dkimVerify(fs.readFileSync(path.join(folder, file)), { resolver });
        const signatures = results.map(({ algo, status }) => [algo, status.result, status.comment]);
        console.log(JSON.stringify({ file, signatures }));
    }
}

main();
