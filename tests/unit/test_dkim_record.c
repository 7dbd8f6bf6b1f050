/* test_dkim_record.c - key records as people publish them. */
#include "importer/dkim_record.h"

#include <string.h>

#define RSA2048                                                                                                        \
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtEQmT8C09nBNrBCDdm0n8wTuPzy1OYN2cgw1oobTNvFHCSMtLBexbJ3izK+"          \
    "m1F5OVRKHZk86hJm9vxeNgXHSaN+xefgJzoa2II4R+VmZ3rUvO5L49Q5Iykggd5lrutgB+OrDs3A9+"                                   \
    "SdUsBgTFMUiKUSOcKV2m5lyGo40ZvSLgTHC2VvT/"                                                                         \
    "jrDhuVA9xUYBjHx96ghcWL6kyXEH1UrYl4m0OqjSvNbSI6azHRT4bqgBXRxpuUFJV2VtaM35NT1uXo1AFYd/"                             \
    "bxh1xSIlEzdTVsfD03V4oLpqg9S46trALei6AcoLaEY/wjY/EgBLGafXtqiFhhLvheOhCV87yUiKtQ7IwIDAQAB"
#define RSA1024                                                                                                        \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCxFuTu9qEVklukHYYUO3H9ognjClY8x/s6fKb0ieDUG/"                               \
    "390HMuG8OWCw86HsZWOXSeop1AGS2Q1yLZYI3hb2E3UotLspDeBZYx/7sbAR33NwXA8242kCFx8am/eF2HI2XC2HJXiUy68y1GFsv30NhD/"      \
    "TK2jXb8P3zSFfvfkmFnsQIDAQAB"
#define PKCS1                                                                                                          \
    "MIIBCgKCAQEAtEQmT8C09nBNrBCDdm0n8wTuPzy1OYN2cgw1oobTNvFHCSMtLBexbJ3izK+m1F5OVRKHZk86hJm9vxeNgXHSaN+"              \
    "xefgJzoa2II4R+VmZ3rUvO5L49Q5Iykggd5lrutgB+OrDs3A9+SdUsBgTFMUiKUSOcKV2m5lyGo40ZvSLgTHC2VvT/"                       \
    "jrDhuVA9xUYBjHx96ghcWL6kyXEH1UrYl4m0OqjSvNbSI6azHRT4bqgBXRxpuUFJV2VtaM35NT1uXo1AFYd/"                             \
    "bxh1xSIlEzdTVsfD03V4oLpqg9S46trALei6AcoLaEY/wjY/EgBLGafXtqiFhhLvheOhCV87yUiKtQ7IwIDAQAB"
#define ED25519 "4nrkz1JPEsKbB5KcEFh9tXsSUt2LbO0HklimZmkpR+8="
/* From the setup sheet that this project grew from: 1024 bits, and "scandir(directory)" within the key. */
#define SHEET                                                                                                          \
    "v=DKIM1; "                                                                                                        \
    "k=rsa;p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDWNtjCK+77Lkqev3yl32Ch+uoUZawyJN402M19Qu0XMuyfUGeLX6eHvZnEgnMtaZt"  \
    "MPdtrgS421Xfkda3oo6RMDwn5DI007T1la23unkcitPZGU40Q9TukVh+scandir(directory)ftY/"                                   \
    "7cMrN0ItppxA6BnEmOIEHjV9qpPqwJWWcqZv5EmHUPC"                                                                      \
    "SQQIDAQAB"

static const struct {
    const char *name;
    const char *record;
    const char *type, *public;
    const char *faults[4]; /* parts of the findings above a note, in order */
} cases[] = {
    {"right", "v=DKIM1; k=rsa; p=" RSA2048, "rsa", RSA2048, {NULL}},
    {"without blanks and with a semicolon at the end", "v=DKIM1;k=rsa;p=" RSA2048 ";", "rsa", RSA2048, {NULL}},
    {"k= left out", "v=DKIM1; p=" RSA2048, "rsa", RSA2048, {NULL}},
    {"all that is allowed", "v=DKIM1; h=sha1:sha256; k=rsa; n=note; s=*; t=s; p=" RSA2048, "rsa", RSA2048, {NULL}},
    {"Ed25519", "v=DKIM1; k=ed25519; p=" ED25519, "ed25519", ED25519, {NULL}},
    {"not ours", "v=DKIM1; k=rsa; p=" RSA2048, "rsa", RSA1024, {"not the key that we sign with"}},
    {"another algorithm", "v=DKIM1; k=rsa; p=" RSA2048, "ed25519", ED25519, {"k=rsa, but our key"}},
    {"1024 bits", "v=DKIM1; k=rsa; p=" RSA1024, NULL, NULL, {"1024 bits"}},
    {"the setup sheet", SHEET, NULL, NULL, {"junk within the key: character 167 of p= is \"(\"", "1024 bits"}},
    {"the setup sheet in curly quotes",
     "\xe2\x80\x9e" SHEET "\xe2\x80\x9c",
     NULL,
     NULL,
     {"curly quotation mark (U+201E) as character 1", "junk within the key", "1024 bits"}},
    {"quotes that stayed", "\"v=DKIM1; k=rsa; p=" RSA2048 "\"", NULL, NULL, {"quotation mark (U+0022)"}},
    {"a backslash before the semicolon", "v=DKIM1\\; k=rsa\\; p=" RSA2048, NULL, NULL, {"backslash (U+005C)"}},
    {"a no-break blank", "v=DKIM1;\xc2\xa0k=rsa; p=" RSA2048, NULL, NULL, {"no-break blank (U+00A0)", "no key record"}},
    {"a blank within the key", "v=DKIM1; k=rsa; p=MIIB IjAN", NULL, NULL, {"blanks within p=", "no RSA key"}},
    {"an invisible character", "v=DKIM1; k=rsa; p=\xe2\x80\x8b" RSA2048, NULL, NULL, {"invisible character", "junk"}},
    {"PKCS#1", "v=DKIM1; k=rsa; p=" PKCS1, NULL, NULL, {"PKCS#1"}},
    {"cut at 255 octets", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuA", NULL, NULL, {"cut off"}},
    {"cut at a whole quantum",
     "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuAAA",
     NULL,
     NULL,
     {"no RSA key"}},
    {"padding in the middle", "v=DKIM1; k=rsa; p=MII=AAAA", NULL, NULL, {"cut off"}},
    {"an Ed25519 key in a SubjectPublicKeyInfo",
     "v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
     NULL,
     NULL,
     {"44 octets; an Ed25519 key has the bare 32"}},
    {"revoked", "v=DKIM1; k=rsa; p=", NULL, NULL, {"revoked"}},
    {"no p=", "v=DKIM1; k=rsa", NULL, NULL, {"no p="}},
    {"p= twice", "v=DKIM1; p=AAAA; p=" RSA2048, NULL, NULL, {"p= is there twice"}},
    {"no v=", "k=rsa; p=" RSA2048, NULL, NULL, {"v=DKIM1 is missing"}},
    {"v= at the end", "k=rsa; p=" RSA2048 "; v=DKIM1", NULL, NULL, {"must stand first"}},
    {"v=dkim1", "v=dkim1; p=" RSA2048, NULL, NULL, {"must be DKIM1"}},
    {"an unknown algorithm", "v=DKIM1; k=ecdsa; p=AAAA", NULL, NULL, {"k=ecdsa"}},
    {"sha1 alone", "v=DKIM1; h=sha1; p=" RSA2048, NULL, NULL, {"h=sha1 does not allow sha256"}},
    {"for another service", "v=DKIM1; s=tlsrpt; p=" RSA2048, NULL, NULL, {"not for mail"}},
    {"test mode", "v=DKIM1; t=s:y; p=" RSA2048, NULL, NULL, {"test mode"}},
    {"an SPF record by wildcard", "v=spf1 -all", NULL, NULL, {"must be DKIM1", "there is no p="}},
    {"words", "hello", NULL, NULL, {"not of the form"}},
    {"nothing", "", NULL, NULL, {"v=DKIM1 is missing", "there is no p="}},
};

static void test_records(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        const struct dkim_wish wish = {cases[i].type, cases[i].public};
        guint fault = 0;
        g_test_message("%s", cases[i].name);
        dkim_record_judge(findings, "s._domainkey.kunde.example", cases[i].record, strlen(cases[i].record), &wish,
                          "LINE");
        for (guint f = 0; f < findings->len; f++) {
            const struct finding *finding = findings->pdata[f];
            if (finding->level <= FINDING_NOTE)
                continue;
            g_test_message("    %s", finding->text);
            g_assert_true(fault < G_N_ELEMENTS(cases[i].faults) && cases[i].faults[fault] != NULL);
            g_assert_true(strstr(finding->text, cases[i].faults[fault++]) != NULL);
            g_assert_cmpstr(finding->remedy, ==, "LINE");
        }
        g_assert_true(fault == G_N_ELEMENTS(cases[i].faults) || cases[i].faults[fault] == NULL);
        g_assert_cmpuint(findings->len, >, 0);
    }
}

static void test_text(void)
{
    g_autofree char *text = dkim_record_text("ed25519", ED25519);
    g_assert_cmpstr(text, ==, "v=DKIM1; k=ed25519; p=" ED25519);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dkim_record/records", test_records);
    g_test_add_func("/dkim_record/text", test_text);
    return g_test_run();
}
