/* chart.c - charts as SVG; see chart.h. */
#include "importer/chart.h"

#include "importer/markup.h"

#define RADIUS "15.9155" /* of a circle whose circumference is 100: a share is its length in percent */
#define GAP 0.4          /* percent between two parts of a ring */
#define BAR_WIDTH 1000.0
#define NUMBER_SIZE 32

/* Up to three decimals, whatever the locale. */
static const char *number(double value, char text_r[NUMBER_SIZE])
{
    return g_ascii_formatd(text_r, NUMBER_SIZE, "%.3f", value);
}

static guint64 sum_of(const struct chart_part *parts, size_t count)
{
    guint64 sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += parts[i].value;
    return sum;
}

/* A part from `start` percent of the circle, counted from its top; a sliver stays visible. */
static void append_arc(GString *out, const struct chart_part *part, double start, double share)
{
    char length[NUMBER_SIZE], rest[NUMBER_SIZE], offset[NUMBER_SIZE];
    double shown = MAX(share > 2 * GAP && share < 100 ? share - GAP : share, 0.2);
    g_string_append_printf(out,
                           "<circle cx=\"21\" cy=\"21\" r=\"" RADIUS "\" fill=\"none\" stroke=\"%s\" stroke-width=\"5\""
                           " stroke-dasharray=\"%s %s\" stroke-dashoffset=\"%s\">",
                           part->color, number(shown, length), number(100 - shown, rest), number(125 - start, offset));
    markup_append(out, "<title>%s</title></circle>\n", part->label);
}

void chart_ring(GString *out, const char *title, const struct chart_part *parts, size_t count, const char *large,
                const char *small)
{
    guint64 sum = sum_of(parts, count);
    double start = 0;
    markup_append(out, "<svg class=\"ring\" viewBox=\"0 0 42 42\" role=\"img\" aria-label=\"%s\">\n", title);
    g_string_append(out, "<circle cx=\"21\" cy=\"21\" r=\"" RADIUS
                         "\" fill=\"none\" stroke=\"#e8ebef\" stroke-width=\"5\"/>\n");
    for (size_t i = 0; i < count; i++) {
        double share = sum > 0 ? 100.0 * (double)parts[i].value / (double)sum : 0;
        if (parts[i].value > 0)
            append_arc(out, &parts[i], start, share);
        start += share;
    }
    markup_append(out, "<text x=\"21\" y=\"21\" text-anchor=\"middle\" class=\"large\">%s</text>\n", large);
    markup_append(out, "<text x=\"21\" y=\"25.5\" text-anchor=\"middle\" class=\"small\">%s</text>\n</svg>\n", small);
}

void chart_bar(GString *out, const char *title, const struct chart_part *parts, size_t count, guint64 whole)
{
    double at = 0;
    markup_append(
        out,
        "<svg class=\"bar\" viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">\n",
        title);
    g_string_append(out, "<rect width=\"1000\" height=\"20\" fill=\"#f1f3f6\"/>\n");
    for (size_t i = 0; i < count; i++) {
        char x[NUMBER_SIZE], width[NUMBER_SIZE];
        double size = whole > 0 ? BAR_WIDTH * (double)parts[i].value / (double)whole : 0;
        if (parts[i].value == 0)
            continue;
        g_string_append_printf(out, "<rect x=\"%s\" width=\"%s\" height=\"20\" fill=\"%s\">", number(at, x),
                               number(MAX(size, 1), width), parts[i].color);
        markup_append(out, "<title>%s</title></rect>\n", parts[i].label);
        at += size;
    }
    g_string_append(out, "</svg>\n");
}
