/*
 * fuzz_policy.c - any octets as requests of either kind of socket: what parses is within the limits and lies in the
 * buffer; what decodes can be written and read again unchanged.
 */
#include "lib/policy.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_back(const struct attributes *attributes)
{
    g_autoptr(GString) list = g_string_new(NULL);
    struct attributes again;
    size_t used;
    for (size_t i = 0; i < attributes->count; i++)
        policy_append(list, attributes->list[i].name, attributes->list[i].value);
    policy_end(list);
    const struct policy_limits wide = {list->len + 1, list->len + 1, POLICY_ATTRIBUTES};
    g_assert_true(policy_parse(list->str, list->len, &wide, &again, &used, NULL) && used == list->len);
    g_assert_true(policy_decode(&again, NULL) && again.count == attributes->count);
    for (size_t i = 0; i < again.count; i++)
        g_assert_cmpstr(again.list[i].value, ==, attributes_get(attributes, again.list[i].name));
}

static void parse_all(const uint8_t *data, size_t size, const struct policy_limits *limits, gboolean ours)
{
    struct attributes attributes;
    g_autoptr(GError) error = NULL;
    g_autofree char *copy = g_malloc(size + 1);
    memcpy(copy, data, size);
    for (size_t at = 0, used; at < size; at += used) {
        if (!policy_parse(copy + at, size - at, limits, &attributes, &used, &error) || used == 0)
            break;
        g_assert_true(used <= size - at && used <= limits->size && attributes.count <= limits->attributes);
        for (size_t i = 0; i < attributes.count; i++)
            g_assert_true(attributes.list[i].name >= copy + at &&
                          attributes.list[i].value + strlen(attributes.list[i].value) < copy + at + used);
        if (!ours)
            continue;
        if (!policy_decode(&attributes, &error))
            break;
        read_back(&attributes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    parse_all(data, size, &policy_postfix_limits, FALSE);
    parse_all(data, size, &policy_own_limits, TRUE);
    return 0;
}
