/* test_metrics.c - Prometheus' text form: escapes, numbers in any locale, histograms. */
#include "lib/metrics.h"

#include <locale.h>
#include <string.h>

static void test_samples(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    setlocale(LC_ALL, "de_DE.UTF-8"); /* a comma for the point, where that locale is installed */
    metrics_family(out, "postwelle_test_total", METRICS_COUNTER, "How many\nback\\slashes \"here\".");
    metrics_number(out, "postwelle_test_total", G_MAXUINT64, NULL);
    metrics_number(out, "postwelle_test_total", 1, "a", "x\"y\\z\n", "b", "", NULL);
    metrics_seconds(out, "postwelle_test_total", 0.25, "a", "ü\xff", NULL);
    metrics_single(out, "postwelle_one", METRICS_GAUGE, "One.", 0);
    g_assert_cmpstr(out->str, ==,
                    "# HELP postwelle_test_total How many\\nback\\\\slashes \"here\".\n"
                    "# TYPE postwelle_test_total counter\n"
                    "postwelle_test_total 18446744073709551615\n"
                    "postwelle_test_total{a=\"x\\\"y\\\\z\\n\",b=\"\"} 1\n"
                    "postwelle_test_total{a=\"ü\xef\xbf\xbd\"} 0.25\n"
                    "# HELP postwelle_one One.\n"
                    "# TYPE postwelle_one gauge\n"
                    "postwelle_one 0\n");
}

static void test_histogram(void)
{
    static const gint64 times[] = {-5, 0, 500, 501, 2500000, 2500001, 60000000};
    struct metrics_histogram histogram = {0};
    g_autoptr(GString) out = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++)
        metrics_observe(&histogram, times[i]);
    metrics_histogram(out, "postwelle_x_seconds", "X.", &histogram);
    g_assert_nonnull(strstr(out->str,
                            "# TYPE postwelle_x_seconds histogram\npostwelle_x_seconds_bucket{le=\"0.0005\"} 3\n"
                            "postwelle_x_seconds_bucket{le=\"0.001\"} 4\n"));
    g_assert_nonnull(strstr(out->str, "{le=\"1\"} 4\npostwelle_x_seconds_bucket{le=\"2.5\"} 5\n"
                                      "postwelle_x_seconds_bucket{le=\"+Inf\"} 7\n"
                                      "postwelle_x_seconds_sum 65.001002\npostwelle_x_seconds_count 7\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/samples", test_samples);
    g_test_add_func("/metrics/histogram", test_histogram);
    return g_test_run();
}
