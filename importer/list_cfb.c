/* list_cfb.c - compound files: sectors, chains, directory; see list_cfb.h. */
#include "importer/list_cfb.h"

#include <string.h>

#include "lib/error.h"

#define HEADER_SIZE 512u
#define HEADER_CHAINS 109u          /* sectors of the allocation table that the header itself names */
#define ENTRY_SIZE 128u             /* of the directory */
#define ENTRY_NAME 64u              /* octets of a name, UTF-16LE */
#define MINI_SHIFT 6u               /* short sectors have 64 octets */
#define LAST_SECTOR 0xFFFFFFFAu     /* greater ones are marks: free, end of chain ... */
#define NO_ENTRY 0xFFFFFFFFu

/* Offsets in the header. */
enum {
    AT_SHIFT = 0x1E, AT_DIRECTORY = 0x30, AT_CUTOFF = 0x38, AT_MINI_TABLE = 0x3C, AT_CHAINS = 0x44, AT_TABLE = 0x4C,
};

enum entry_type { ENTRY_STREAM = 2, ENTRY_ROOT = 5 };

struct list_cfb {
    const struct list_input *input;
    guint shift;            /* sectors have 1 << shift octets */
    guint32 cutoff;         /* smaller streams are in short sectors */
    GByteArray *table;      /* the sector after each sector */
    GByteArray *mini_table; /* the same for short sectors */
    GByteArray *mini;       /* the octets of the short sectors */
    GByteArray *directory;
    GHashTable *top;        /* name in lower case -> index of its entry + 1 */
};

static guint16 get16(const guint8 *octets)
{
    return (guint16)(octets[0] | octets[1] << 8);
}

static guint32 get32(const guint8 *octets)
{
    return octets[0] | (guint32)octets[1] << 8 | (guint32)octets[2] << 16 | (guint32)octets[3] << 24;
}

static gboolean damaged(const struct list_cfb *cfb, GError **error)
{
    return error_set(error, ERROR_DATA, "%s: the file is damaged or cut off; ask for it again, best as .xlsx",
                     cfb->input->name);
}

/* --- sectors --------------------------------------------------------------------------------- */

/* The octets of a sector, or NULL. Some programs leave the last one cut short; *size_r is what there is. */
static const guint8 *sector(const struct list_cfb *cfb, guint32 number, size_t *size_r)
{
    guint64 start = ((guint64)number + 1) << cfb->shift;
    if (number >= LAST_SECTOR || start >= cfb->input->size)
        return NULL;
    *size_r = MIN((size_t)1 << cfb->shift, cfb->input->size - (size_t)start);
    return cfb->input->data + start;
}

/* The number after `number` in the table; FALSE where the table does not reach so far. */
static gboolean follow(const GByteArray *table, guint32 *number)
{
    guint64 at = (guint64)*number * sizeof(guint32);
    if (at + sizeof(guint32) > table->len)
        return FALSE;
    *number = get32(table->data + at);
    return TRUE;
}

/* The octets of a chain of sectors; `size` is how many are wanted, G_MAXUINT32 for all. NULL where the chain breaks. */
static GByteArray *read_chain(const struct list_cfb *cfb, guint32 number, guint32 size)
{
    GByteArray *octets = g_byte_array_new();
    gboolean fine = TRUE;
    while (fine && number < LAST_SECTOR && octets->len < size) {
        size_t length = 0;
        const guint8 *data = sector(cfb, number, &length);
        fine = data != NULL && octets->len + length <= cfb->input->size;
        if (fine)
            g_byte_array_append(octets, data, (guint)MIN(length, size - octets->len));
        fine = fine && follow(cfb->table, &number);
    }
    if (fine && (size == G_MAXUINT32 || octets->len == size))
        return octets;
    g_byte_array_unref(octets);
    return NULL;
}

static GByteArray *read_mini_chain(const struct list_cfb *cfb, guint32 number, guint32 size)
{
    GByteArray *octets = g_byte_array_new();
    gboolean fine = TRUE;
    while (fine && number < LAST_SECTOR && octets->len < size) {
        guint64 start = (guint64)number << MINI_SHIFT;
        guint length = MIN(1u << MINI_SHIFT, size - octets->len);
        fine = start + length <= cfb->mini->len && octets->len + length <= cfb->input->size;
        if (fine)
            g_byte_array_append(octets, cfb->mini->data + start, length);
        fine = fine && follow(cfb->mini_table, &number);
    }
    if (fine && octets->len == size)
        return octets;
    g_byte_array_unref(octets);
    return NULL;
}

/* Puts a sector of the allocation table where it belongs. */
static gboolean add_to_table(struct list_cfb *cfb, guint32 number)
{
    size_t length = 0;
    const guint8 *data = sector(cfb, number, &length);
    if (data == NULL || cfb->table->len + length > cfb->input->size)
        return FALSE;
    g_byte_array_append(cfb->table, data, (guint)length);
    return TRUE;
}

/* The table's sectors are named in the header, and where it is full in a chain of sectors whose last number goes on. */
static gboolean read_table(struct list_cfb *cfb)
{
    const guint8 *header = cfb->input->data;
    guint32 number;
    for (guint i = 0; i < HEADER_CHAINS; i++) {
        number = get32(header + AT_TABLE + i * sizeof number);
        if (number < LAST_SECTOR && !add_to_table(cfb, number))
            return FALSE;
    }
    guint32 chain = get32(header + AT_CHAINS);
    guint names = (1u << cfb->shift) / (guint)sizeof number - 1;
    for (size_t steps = 0; chain < LAST_SECTOR; steps++) {
        size_t length = 0;
        const guint8 *data = sector(cfb, chain, &length);
        if (data == NULL || length < (size_t)1 << cfb->shift || steps > cfb->input->size >> cfb->shift)
            return FALSE;
        for (guint i = 0; i < names; i++) {
            number = get32(data + i * sizeof number);
            if (number < LAST_SECTOR && !add_to_table(cfb, number))
                return FALSE;
        }
        chain = get32(data + names * sizeof number);
    }
    return TRUE;
}

/* --- the directory --------------------------------------------------------------------------- */

static const guint8 *entry(const struct list_cfb *cfb, guint32 index)
{
    guint64 at = (guint64)index * ENTRY_SIZE;
    return at + ENTRY_SIZE <= cfb->directory->len ? cfb->directory->data + at : NULL;
}

/* The entry's name in lower case, or NULL where it is not ASCII. The caller frees. */
static char *entry_name(const guint8 *entry)
{
    GString *name = g_string_new(NULL);
    for (guint i = 0; i < ENTRY_NAME; i += 2) {
        guint16 unit = get16(entry + i);
        if (unit == 0)
            break;
        if (unit >= 0x80)
            return g_string_free(name, TRUE);
        g_string_append_c(name, g_ascii_tolower((char)unit));
    }
    return g_string_free(name, FALSE);
}

/* Walks the tree of names below the root; each entry is visited once. */
static gboolean read_names(struct list_cfb *cfb, guint32 first)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint entries = cfb->directory->len / ENTRY_SIZE;
    g_array_append_val(open, first);
    for (guint visited = 0; open->len > 0;) {
        guint32 index = g_array_index(open, guint32, open->len - 1);
        g_array_set_size(open, open->len - 1);
        const guint8 *here = index != NO_ENTRY ? entry(cfb, index) : NULL;
        if (index != NO_ENTRY && (here == NULL || visited++ >= entries))
            return FALSE;
        if (here == NULL)
            continue;
        char *name = entry_name(here);
        if (name != NULL)
            g_hash_table_insert(cfb->top, name, GUINT_TO_POINTER(index + 1));
        guint32 siblings[] = {get32(here + 68), get32(here + 72)};
        g_array_append_vals(open, siblings, G_N_ELEMENTS(siblings));
    }
    return TRUE;
}

static guint32 entry_start(const guint8 *entry)
{
    return get32(entry + 116);
}

static guint32 entry_size(const guint8 *entry)
{
    return get32(entry + 120);
}

static gboolean read_directory(struct list_cfb *cfb)
{
    cfb->directory = read_chain(cfb, get32(cfb->input->data + AT_DIRECTORY), G_MAXUINT32);
    const guint8 *root = cfb->directory != NULL ? entry(cfb, 0) : NULL;
    if (root == NULL || root[66] != ENTRY_ROOT || !read_names(cfb, get32(root + 76)))
        return FALSE;
    cfb->mini = read_chain(cfb, entry_start(root), entry_size(root));
    cfb->mini_table = read_chain(cfb, get32(cfb->input->data + AT_MINI_TABLE), G_MAXUINT32);
    return cfb->mini != NULL && cfb->mini_table != NULL;
}

/* --- the whole ------------------------------------------------------------------------------- */

struct list_cfb *list_cfb_open(const struct list_input *input, GError **error)
{
    struct list_cfb *cfb = g_new0(struct list_cfb, 1);
    cfb->input = input;
    cfb->table = g_byte_array_new();
    cfb->top = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gboolean fine = input->size >= HEADER_SIZE && memcmp(input->data, LIST_CFB_MARK, LIST_CFB_MARK_LENGTH) == 0;
    if (fine) {
        cfb->shift = get16(input->data + AT_SHIFT);
        cfb->cutoff = get32(input->data + AT_CUTOFF);
        fine = (cfb->shift == 9 || cfb->shift == 12) && read_table(cfb) && read_directory(cfb);
    }
    if (fine)
        return cfb;
    damaged(cfb, error);
    list_cfb_free(cfb);
    return NULL;
}

static void octets_free(GByteArray *octets)
{
    if (octets != NULL)
        g_byte_array_unref(octets);
}

void list_cfb_free(struct list_cfb *cfb)
{
    if (cfb == NULL)
        return;
    octets_free(cfb->table);
    octets_free(cfb->mini_table);
    octets_free(cfb->mini);
    octets_free(cfb->directory);
    g_hash_table_unref(cfb->top);
    g_free(cfb);
}

static const guint8 *find(const struct list_cfb *cfb, const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(cfb->top, lower));
    return index > 0 ? entry(cfb, index - 1) : NULL;
}

gboolean list_cfb_has(const struct list_cfb *cfb, const char *name)
{
    return find(cfb, name) != NULL;
}

GByteArray *list_cfb_read(const struct list_cfb *cfb, const char *name, GError **error)
{
    const guint8 *found = find(cfb, name);
    GByteArray *octets = NULL;
    if (found != NULL && found[66] == ENTRY_STREAM) {
        guint32 size = entry_size(found);
        octets = size < cfb->cutoff ? read_mini_chain(cfb, entry_start(found), size)
                                    : read_chain(cfb, entry_start(found), size);
    }
    if (octets == NULL)
        damaged(cfb, error);
    return octets;
}
