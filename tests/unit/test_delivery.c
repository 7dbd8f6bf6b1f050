/* test_delivery.c - greylisters' words, and when Postfix tries again. */
#include "lib/delivery.h"

#include <string.h>

#define HOST "host mx.example[192.0.2.1] said: "

static const struct {
    const char *name, *reply;
    gboolean greylisted;
} replies[] = {
    {"postgrey",
     "4.2.0 " HOST
     "450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://x/ (in reply to RCPT TO command)",
     TRUE},
    {"milter-greylist", "4.7.1 " HOST "451 4.7.1 Greylisting in action, please come back in 00:05:00", TRUE},
    {"in two words", "4.0.0 " HOST "450 Grey listed, please try again later", TRUE},
    {"American", "4.0.0 " HOST "451 you are GRAYLISTED", TRUE},
    {"German", "4.0.0 " HOST "451 Graulistung, bitte spaeter", TRUE},
    {"come back later", "4.0.0 " HOST "421 4.3.2 Come back later", TRUE},
    {"a full mailbox", "4.2.2 " HOST "452 4.2.2 mailbox full", FALSE},
    {"refused for good", "5.7.1 " HOST "550 5.7.1 your greylisting does not help", FALSE},
    {"Postfix's own words", "4.4.1 connect to greylist.example[192.0.2.1]:25: Connection timed out", FALSE},
    {"the host's name alone", "4.0.0 host greylist.example[192.0.2.1] said: 451 try later", FALSE},
    {"nothing", "", FALSE},
    {"cut", "4.2.0 " HOST, FALSE},
};

static void test_greylisted(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(replies); i++) {
        g_test_message("%s", replies[i].name);
        g_assert_true(delivery_is_greylisted(replies[i].reply) == replies[i].greylisted);
    }
}

static const struct {
    const char *name, *id;
    gint64 arrival;
} ids[] = {
    /* Made by Postfix 3.7.11 on 2026-11-23 at 12:56:17 UTC. */
    {"long", "4jY5Xx4l4vz1g84C", 1795438577},
    {"short", "3E0A81F00", 0},
    {"too short before the inode", "4dFbz1Rs", 0},
    {"a vowel", "4dFbe11Rs7z1Xq", 0},
    {"nothing", "", 0},
};

static void test_arrival(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_test_message("%s", ids[i].name);
        g_assert_cmpint(delivery_arrival(ids[i].id), ==, ids[i].arrival);
    }
}

static void test_next_try(void)
{
    static const struct {
        const char *name;
        gint64 age, minimal, maximal, wait; /* seconds; wait 0: not known */
    } cases[] = {
        {"the first time", 1, 300, 4000, 300},     {"as long again as it is old", 1000, 300, 4000, 1000},
        {"old", 100000, 300, 4000, 4000},          {"the clock went back", -50, 300, 4000, 300},
        {"Postfix does not tell", 1000, 0, 0, 0},  {"odd settings", 1000, 300, 200, 0},
    };
    gint64 arrival = ids[0].arrival;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct delivery_pace pace = {cases[i].minimal, cases[i].maximal};
        gint64 tried = arrival + cases[i].age;
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(delivery_next_try(ids[0].id, tried, &pace), ==, cases[i].wait != 0 ? tried + cases[i].wait : 0);
        g_assert_cmpint(delivery_next_try("3E0A81F00", tried, &pace), ==, 0);
    }
    g_assert_cmpint(delivery_next_try(ids[0].id, 0, &(struct delivery_pace){300, 4000}), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/delivery/greylisted", test_greylisted);
    g_test_add_func("/delivery/arrival", test_arrival);
    g_test_add_func("/delivery/next-try", test_next_try);
    return g_test_run();
}
