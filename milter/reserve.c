/* reserve.c - the milter's questions to policyd; see reserve.h. */
#include "milter/reserve.h"

#include "lib/error.h"
#include "lib/policy.h"

#include <pthread.h>
#include <string.h>

struct reserve_pool {
    char *path;
    guint timeout_ms;
    pthread_mutex_t lock;
    size_t idle_count; /* under the lock, as the next */
    struct policy_client *idle[RESERVE_IDLE_MAX];
};

struct reserve_pool *reserve_pool_new(const char *path, guint timeout_ms)
{
    struct reserve_pool *pool = g_new0(struct reserve_pool, 1);
    pool->path = g_strdup(path);
    pool->timeout_ms = timeout_ms;
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

/* The last connection that was put back, as it is the least likely to be stale; NULL: there is none. */
static struct policy_client *pool_take(struct reserve_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct policy_client *client = pool->idle_count > 0 ? pool->idle[--pool->idle_count] : NULL;
    pthread_mutex_unlock(&pool->lock);
    return client;
}

static void pool_put(struct reserve_pool *pool, struct policy_client *client)
{
    pthread_mutex_lock(&pool->lock);
    if (pool->idle_count < RESERVE_IDLE_MAX)
        pool->idle[pool->idle_count++] = g_steal_pointer(&client);
    pthread_mutex_unlock(&pool->lock);
    policy_client_free(client);
}

guint reserve_pool_idle(struct reserve_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    guint count = (guint)pool->idle_count;
    pthread_mutex_unlock(&pool->lock);
    return count;
}

/* Closes all kept connections: where one is stale, all older ones are. */
static void pool_empty(struct reserve_pool *pool)
{
    struct policy_client *client;
    while ((client = pool_take(pool)) != NULL)
        policy_client_free(client);
}

void reserve_pool_free(struct reserve_pool *pool)
{
    if (pool == NULL)
        return;
    pool_empty(pool);
    pthread_mutex_destroy(&pool->lock);
    g_free(pool->path);
    g_free(pool);
}

void reserve_request(GString *request, const struct reserve_question *question, gint64 deadline_ms)
{
    policy_append(request, "request", "reserve");
    policy_append(request, "queue_id", question->queue_id);
    policy_append(request, "sender", question->sender);
    policy_append(request, "from_domain", question->from_domain);
    policy_append(request, "message_id", question->message_id);
    policy_append_number(request, "recipients", question->recipient_count);
    for (size_t i = 0; i < question->recipient_count; i++) {
        char name[32];
        g_snprintf(name, sizeof name, "recipient.%zu", i + 1);
        policy_append(request, name, question->recipients[i]);
    }
    policy_append_number(request, "deadline", (guint64)deadline_ms);
    policy_end(request);
}

/* policyd's status in our words; anything that is not in the protocol is doubt. */
static void read_answer(const struct attributes *answer, struct reserve_answer *answer_r)
{
    const char *status = attributes_text(answer, "status");
    g_strlcpy(answer_r->kind, attributes_text(answer, "kind"), sizeof answer_r->kind);
    g_strlcpy(answer_r->reply, attributes_text(answer, "reply"), sizeof answer_r->reply);
    if (strcmp(status, "ok") == 0 && answer_r->kind[0] != '\0')
        answer_r->result = RESERVE_OK;
    else if (strcmp(status, "refused") == 0)
        answer_r->result = RESERVE_REFUSED;
    else if (strcmp(status, "temporary") == 0)
        answer_r->result = RESERVE_TEMPORARY;
    else
        answer_r->result = RESERVE_DOUBT;
}

struct reserve_asking {
    struct reserve_pool *pool;
    const char *queue_id;
    GString *request;
    struct policy_client *client; /* that was asked; NULL: none yet */
    GError *stale;                /* what became of a kept connection before that */
};

static void asking_free(struct reserve_asking *asking)
{
    policy_client_free(asking->client);
    g_string_free(asking->request, TRUE);
    g_clear_error(&asking->stale);
    g_free(asking);
}

struct reserve_asking *reserve_begin(struct reserve_pool *pool, const struct reserve_question *question)
{
    struct reserve_asking *asking = g_new0(struct reserve_asking, 1);
    asking->pool = pool;
    asking->queue_id = question->queue_id;
    asking->request = g_string_new(NULL);
    reserve_request(asking->request, question, g_get_real_time() / 1000 + pool->timeout_ms);
    asking->client = pool_take(pool);
    if (asking->client != NULL && !policy_client_send(asking->client, asking->request, &asking->stale))
        policy_client_free(g_steal_pointer(&asking->client));
    return asking;
}

/* The answer of the connection that was asked; FALSE and *error where none came that can be read. */
static gboolean receive(struct reserve_asking *asking, struct reserve_answer *answer_r, GError **error)
{
    struct attributes answer;
    g_autoptr(policy_client_auto) client = g_steal_pointer(&asking->client);
    if (!policy_client_read(client, &answer, error))
        return FALSE;
    read_answer(&answer, answer_r);
    if (answer_r->result == RESERVE_DOUBT)
        return error_set(error, ERROR_PROTOCOL, "%s: answered reserve with status \"%.20s\" %.100s", asking->pool->path,
                         attributes_text(&answer, "status"), attributes_text(&answer, "reason"));
    pool_put(asking->pool, g_steal_pointer(&client));
    return TRUE;
}

/* On a new connection. RESERVE_UNASKED where there is none, and no kept one can have handed the question on. */
static void ask_anew(struct reserve_asking *asking, struct reserve_answer *answer_r, GError **error)
{
    struct reserve_pool *pool = asking->pool;
    asking->client = policy_client_new(pool->path, (int)pool->timeout_ms, error);
    if (asking->client == NULL)
        answer_r->result = asking->stale == NULL ? RESERVE_UNASKED : RESERVE_DOUBT;
    else if (policy_client_send(asking->client, asking->request, error))
        receive(asking, answer_r, error);
}

void reserve_end(struct reserve_asking *asking, struct reserve_answer *answer_r, GError **error)
{
    memset(answer_r, 0, sizeof *answer_r);
    answer_r->result = RESERVE_DOUBT;
    gboolean answered = asking->client != NULL && receive(asking, answer_r, &asking->stale);
    if (asking->stale != NULL && !g_error_matches(asking->stale, POSTWELLE_ERROR, ERROR_UNAVAILABLE)) {
        g_propagate_error(error, g_steal_pointer(&asking->stale));
    } else if (!answered) {
        if (asking->stale != NULL)
            pool_empty(asking->pool);
        ask_anew(asking, answer_r, error);
    }
    asking_free(asking);
}

gboolean reserve_take_back(struct reserve_asking *asking, GError **error)
{
    gboolean asked = asking->client != NULL || asking->stale != NULL;
    gboolean done = !asked || reserve_cancel(asking->pool, asking->queue_id, error);
    asking_free(asking);
    return done;
}

gboolean reserve_cancel(struct reserve_pool *pool, const char *queue_id, GError **error)
{
    g_autoptr(GString) request = g_string_new(NULL);
    policy_append(request, "request", "cancel");
    policy_append(request, "queue_id", queue_id);
    policy_end(request);
    g_autoptr(policy_client_auto) client = policy_client_new(pool->path, (int)pool->timeout_ms, error);
    struct attributes answer;
    return client != NULL && policy_client_ask(client, request, &answer, error) && policy_answer_ok(&answer, error);
}
