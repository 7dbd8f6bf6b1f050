/* content_table.c - the allowed elements and attributes, sorted by name, and their look-up. */
#include "lib/content_table.h"

static const struct content_element elements[] = {
    {"a", GROUP_ANY | GROUP_LINK},
    {"abbr", GROUP_ANY | GROUP_QUOTE},
    {"acronym", GROUP_ANY},
    {"address", GROUP_ANY | GROUP_BLOCK},
    {"area", GROUP_ANY | GROUP_LINK | GROUP_AREA},
    {"article", GROUP_ANY | GROUP_BLOCK},
    {"aside", GROUP_ANY | GROUP_BLOCK},
    {"b", GROUP_ANY},
    {"bdi", GROUP_ANY},
    {"bdo", GROUP_ANY},
    {"big", GROUP_ANY},
    {"blockquote", GROUP_ANY | GROUP_BLOCK},
    {"body", GROUP_ANY | GROUP_BODY},
    {"br", GROUP_ANY | GROUP_RULE},
    {"caption", GROUP_ANY | GROUP_BLOCK},
    {"center", GROUP_ANY | GROUP_BLOCK},
    {"cite", GROUP_ANY},
    {"code", GROUP_ANY},
    {"col", GROUP_ANY | GROUP_COL},
    {"colgroup", GROUP_ANY | GROUP_COL},
    {"dd", GROUP_ANY},
    {"del", GROUP_ANY | GROUP_QUOTE},
    {"details", GROUP_ANY},
    {"dfn", GROUP_ANY},
    {"div", GROUP_ANY | GROUP_BLOCK},
    {"dl", GROUP_ANY},
    {"dt", GROUP_ANY},
    {"em", GROUP_ANY},
    {"figcaption", GROUP_ANY | GROUP_BLOCK},
    {"figure", GROUP_ANY | GROUP_BLOCK},
    {"font", GROUP_ANY | GROUP_FONT},
    {"footer", GROUP_ANY | GROUP_BLOCK},
    {"h1", GROUP_ANY | GROUP_BLOCK},
    {"h2", GROUP_ANY | GROUP_BLOCK},
    {"h3", GROUP_ANY | GROUP_BLOCK},
    {"h4", GROUP_ANY | GROUP_BLOCK},
    {"h5", GROUP_ANY | GROUP_BLOCK},
    {"h6", GROUP_ANY | GROUP_BLOCK},
    {"head", GROUP_ANY},
    {"header", GROUP_ANY | GROUP_BLOCK},
    {"hr", GROUP_ANY | GROUP_RULE},
    {"html", GROUP_ANY | GROUP_ROOT},
    {"i", GROUP_ANY},
    {"img", GROUP_ANY | GROUP_IMAGE},
    {"ins", GROUP_ANY | GROUP_QUOTE},
    {"kbd", GROUP_ANY},
    {"li", GROUP_ANY | GROUP_LIST},
    {"main", GROUP_ANY | GROUP_BLOCK},
    {"map", GROUP_ANY | GROUP_MAP},
    {"mark", GROUP_ANY},
    {"meta", GROUP_META},
    {"nav", GROUP_ANY | GROUP_BLOCK},
    {"nobr", GROUP_ANY},
    {"o:allowpng", GROUP_OFFICE},
    {"o:author", GROUP_OFFICE},
    {"o:characters", GROUP_OFFICE},
    {"o:characterswithspaces", GROUP_OFFICE},
    {"o:company", GROUP_OFFICE},
    {"o:created", GROUP_OFFICE},
    {"o:documentproperties", GROUP_OFFICE},
    {"o:idmap", GROUP_OFFICE},
    {"o:lastauthor", GROUP_OFFICE},
    {"o:lastsaved", GROUP_OFFICE},
    {"o:lines", GROUP_OFFICE},
    {"o:lock", GROUP_VML},
    {"o:officedocumentsettings", GROUP_OFFICE},
    {"o:p", GROUP_ANY},
    {"o:pages", GROUP_OFFICE},
    {"o:paragraphs", GROUP_OFFICE},
    {"o:pixelsperinch", GROUP_OFFICE},
    {"o:relyonvml", GROUP_OFFICE},
    {"o:revision", GROUP_OFFICE},
    {"o:shapedefaults", GROUP_OFFICE},
    {"o:shapelayout", GROUP_OFFICE},
    {"o:targetscreensize", GROUP_OFFICE},
    {"o:template", GROUP_OFFICE},
    {"o:totaltime", GROUP_OFFICE},
    {"o:version", GROUP_OFFICE},
    {"o:words", GROUP_OFFICE},
    {"ol", GROUP_ANY | GROUP_LIST},
    {"p", GROUP_ANY | GROUP_BLOCK},
    {"pre", GROUP_ANY | GROUP_BLOCK},
    {"q", GROUP_ANY},
    {"rb", GROUP_ANY},
    {"rp", GROUP_ANY},
    {"rt", GROUP_ANY},
    {"ruby", GROUP_ANY},
    {"s", GROUP_ANY},
    {"samp", GROUP_ANY},
    {"section", GROUP_ANY | GROUP_BLOCK},
    {"small", GROUP_ANY},
    {"span", GROUP_ANY},
    {"strike", GROUP_ANY},
    {"strong", GROUP_ANY},
    {"style", GROUP_STYLE},
    {"sub", GROUP_ANY},
    {"summary", GROUP_ANY},
    {"sup", GROUP_ANY},
    {"table", GROUP_ANY | GROUP_TABLE},
    {"tbody", GROUP_ANY | GROUP_ROW},
    {"td", GROUP_ANY | GROUP_CELL},
    {"tfoot", GROUP_ANY | GROUP_ROW},
    {"th", GROUP_ANY | GROUP_CELL},
    {"thead", GROUP_ANY | GROUP_ROW},
    {"time", GROUP_ANY | GROUP_QUOTE},
    {"title", GROUP_ANY},
    {"tr", GROUP_ANY | GROUP_ROW},
    {"tt", GROUP_ANY},
    {"u", GROUP_ANY},
    {"ul", GROUP_ANY | GROUP_LIST},
    {"v:arc", GROUP_SHAPE},
    {"v:background", GROUP_SHAPE},
    {"v:f", GROUP_VML},
    {"v:fill", GROUP_FILL},
    {"v:formulas", GROUP_VML},
    {"v:group", GROUP_SHAPE},
    {"v:h", GROUP_VML},
    {"v:handles", GROUP_VML},
    {"v:image", GROUP_SHAPE | GROUP_FILL},
    {"v:imagedata", GROUP_FILL},
    {"v:line", GROUP_SHAPE},
    {"v:oval", GROUP_SHAPE},
    {"v:path", GROUP_VML},
    {"v:polyline", GROUP_SHAPE},
    {"v:rect", GROUP_SHAPE},
    {"v:roundrect", GROUP_SHAPE},
    {"v:shadow", GROUP_VML},
    {"v:shape", GROUP_SHAPE},
    {"v:shapetype", GROUP_SHAPE},
    {"v:stroke", GROUP_VML},
    {"v:textbox", GROUP_VML},
    {"v:textpath", GROUP_VML},
    {"var", GROUP_ANY},
    {"w10:anchorlock", GROUP_VML},
    {"w10:wrap", GROUP_VML},
    {"w:alwaysshowplaceholdertext", GROUP_OFFICE},
    {"w:anchorlock", GROUP_VML},
    {"w:breakwrappedtables", GROUP_OFFICE},
    {"w:browserlevel", GROUP_OFFICE},
    {"w:compatibility", GROUP_OFFICE},
    {"w:donothyphenatecaps", GROUP_OFFICE},
    {"w:donotoptimizeforbrowser", GROUP_OFFICE},
    {"w:donotpromoteqf", GROUP_OFFICE},
    {"w:dontgrowautofit", GROUP_OFFICE},
    {"w:hyphenationzone", GROUP_OFFICE},
    {"w:ignoremixedcontent", GROUP_OFFICE},
    {"w:latentstyles", GROUP_OFFICE},
    {"w:lidthemeasian", GROUP_OFFICE},
    {"w:lidthemecomplexscript", GROUP_OFFICE},
    {"w:lidthemeother", GROUP_OFFICE},
    {"w:lsdexception", GROUP_OFFICE},
    {"w:punctuationkerning", GROUP_OFFICE},
    {"w:saveifxmlinvalid", GROUP_OFFICE},
    {"w:snaptogridincell", GROUP_OFFICE},
    {"w:splitpgbreakandparamark", GROUP_OFFICE},
    {"w:trackformatting", GROUP_OFFICE},
    {"w:trackmoves", GROUP_OFFICE},
    {"w:useasianbreakrules", GROUP_OFFICE},
    {"w:usefelayout", GROUP_OFFICE},
    {"w:validateagainstschemas", GROUP_OFFICE},
    {"w:view", GROUP_OFFICE},
    {"w:worddocument", GROUP_OFFICE},
    {"w:wrap", GROUP_VML},
    {"w:wraptextwithpunct", GROUP_OFFICE},
    {"w:zoom", GROUP_OFFICE},
    {"wbr", GROUP_ANY},
    {"xml", GROUP_ROOT},
};

/* One name may have several rows: what it means on other elements. */
static const struct content_attribute attributes[] = {
    {"abbr", GROUP_CELL, RULE_FREE},
    {"accesskey", GROUP_LINK, RULE_FREE},
    {"adj", GROUP_SHAPE, RULE_FREE},
    {"align",
     GROUP_BLOCK | GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_COL | GROUP_IMAGE | GROUP_RULE | GROUP_ANY |
         GROUP_SHAPE,
     RULE_FREE},
    {"alignshape", GROUP_FILL, RULE_FREE},
    {"alink", GROUP_BODY, RULE_FREE},
    {"alt", GROUP_LINK | GROUP_IMAGE | GROUP_SHAPE, RULE_FREE},
    {"anchorx", GROUP_VML, RULE_FREE},
    {"anchory", GROUP_VML, RULE_FREE},
    {"angle", GROUP_FILL, RULE_FREE},
    {"arcsize", GROUP_SHAPE, RULE_FREE},
    {"arrowok", GROUP_VML, RULE_FREE},
    {"aspect", GROUP_FILL, RULE_FREE},
    {"aspectratio", GROUP_VML, RULE_FREE},
    {"axis", GROUP_CELL, RULE_FREE},
    {"bgcolor", GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_COL | GROUP_BODY | GROUP_BLOCK | GROUP_LINK, RULE_FREE},
    {"bilevel", GROUP_FILL, RULE_FREE},
    {"blacklevel", GROUP_FILL, RULE_FREE},
    {"border", GROUP_TABLE | GROUP_IMAGE | GROUP_CELL | GROUP_BLOCK | GROUP_LINK, RULE_FREE},
    {"bordercolor", GROUP_TABLE | GROUP_CELL | GROUP_ROW, RULE_FREE},
    {"bottommargin", GROUP_BODY, RULE_FREE},
    {"cellpadding", GROUP_TABLE | GROUP_CELL, RULE_FREE},
    {"cellspacing", GROUP_TABLE | GROUP_CELL, RULE_FREE},
    {"char", GROUP_CELL | GROUP_ROW | GROUP_COL, RULE_FREE},
    {"charoff", GROUP_CELL | GROUP_ROW | GROUP_COL, RULE_FREE},
    {"charset", GROUP_META, RULE_CHARSET},
    {"chromakey", GROUP_FILL, RULE_FREE},
    {"class", GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_STYLE | GROUP_META, RULE_FREE},
    {"clear", GROUP_RULE, RULE_FREE},
    {"color", GROUP_FONT | GROUP_RULE | GROUP_FILL | GROUP_VML, RULE_FREE},
    {"color2", GROUP_FILL, RULE_FREE},
    {"colspan", GROUP_CELL, RULE_FREE},
    {"compact", GROUP_LIST, RULE_FREE},
    {"content", GROUP_META, RULE_FREE},
    {"coordorigin", GROUP_SHAPE, RULE_FREE},
    {"coords", GROUP_AREA | GROUP_LINK, RULE_FREE},
    {"coordsize", GROUP_SHAPE, RULE_FREE},
    {"cropbottom", GROUP_FILL, RULE_FREE},
    {"cropleft", GROUP_FILL, RULE_FREE},
    {"cropright", GROUP_FILL, RULE_FREE},
    {"croptop", GROUP_FILL, RULE_FREE},
    {"dashstyle", GROUP_VML, RULE_FREE},
    {"data", GROUP_OFFICE, RULE_FREE},
    {"datetime", GROUP_QUOTE, RULE_FREE},
    {"decoding", GROUP_IMAGE, RULE_FREE},
    {"deflockedstate", GROUP_OFFICE, RULE_FREE},
    {"defpriority", GROUP_OFFICE, RULE_FREE},
    {"defqformat", GROUP_OFFICE, RULE_FREE},
    {"defsemihidden", GROUP_OFFICE, RULE_FREE},
    {"defunhidewhenused", GROUP_OFFICE, RULE_FREE},
    {"dir", GROUP_ANY | GROUP_ROOT | GROUP_META | GROUP_STYLE, RULE_FREE},
    {"endarrow", GROUP_VML, RULE_FREE},
    {"endcap", GROUP_VML, RULE_FREE},
    {"eqn", GROUP_VML, RULE_FREE},
    {"face", GROUP_FONT, RULE_FREE},
    {"fill", GROUP_SHAPE, RULE_FREE},
    {"fillcolor", GROUP_SHAPE, RULE_FREE},
    {"filled", GROUP_SHAPE, RULE_FREE},
    {"filltype", GROUP_VML, RULE_FREE},
    {"fitpath", GROUP_VML, RULE_FREE},
    {"fitshape", GROUP_VML, RULE_FREE},
    {"focus", GROUP_FILL, RULE_FREE},
    {"focusposition", GROUP_FILL, RULE_FREE},
    {"focussize", GROUP_FILL, RULE_FREE},
    {"frame", GROUP_TABLE, RULE_FREE},
    {"from", GROUP_SHAPE, RULE_FREE},
    {"gain", GROUP_FILL, RULE_FREE},
    {"gamma", GROUP_FILL, RULE_FREE},
    {"gradientshapeok", GROUP_VML, RULE_FREE},
    {"grayscale", GROUP_FILL, RULE_FREE},
    {"headers", GROUP_CELL, RULE_FREE},
    {"height",
     GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_IMAGE | GROUP_COL | GROUP_RULE | GROUP_BLOCK | GROUP_LINK |
         GROUP_BODY,
     RULE_FREE},
    {"hidden", GROUP_ANY, RULE_FREE},
    {"href", GROUP_LINK | GROUP_SHAPE, RULE_LINK},
    {"hreflang", GROUP_LINK, RULE_FREE},
    {"hspace", GROUP_IMAGE, RULE_FREE},
    {"http-equiv", GROUP_META, RULE_HTTP_EQUIV},
    {"id", GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_STYLE | GROUP_META, RULE_FREE},
    {"inset", GROUP_VML, RULE_FREE},
    {"joinstyle", GROUP_VML, RULE_FREE},
    {"lang", GROUP_ANY | GROUP_ROOT | GROUP_META | GROUP_STYLE, RULE_FREE},
    {"latentstylecount", GROUP_OFFICE, RULE_FREE},
    {"leftmargin", GROUP_BODY, RULE_FREE},
    {"limo", GROUP_VML, RULE_FREE},
    {"linestyle", GROUP_VML, RULE_FREE},
    {"link", GROUP_BODY, RULE_FREE},
    {"loading", GROUP_IMAGE, RULE_FREE},
    {"locked", GROUP_OFFICE, RULE_FREE},
    {"marginheight", GROUP_BODY, RULE_FREE},
    {"marginwidth", GROUP_BODY, RULE_FREE},
    {"media", GROUP_STYLE, RULE_FREE},
    {"method", GROUP_FILL, RULE_FREE},
    {"miterlimit", GROUP_VML, RULE_FREE},
    {"name", GROUP_LINK | GROUP_MAP | GROUP_IMAGE | GROUP_OFFICE, RULE_FREE},
    {"name", GROUP_META, RULE_META_NAME},
    {"nohref", GROUP_AREA, RULE_FREE},
    {"noshade", GROUP_RULE, RULE_FREE},
    {"nowrap", GROUP_CELL | GROUP_ROW | GROUP_BLOCK, RULE_FREE},
    {"o:allowincell", GROUP_SHAPE, RULE_FREE},
    {"o:allowoverlap", GROUP_SHAPE, RULE_FREE},
    {"o:bullet", GROUP_SHAPE, RULE_FREE},
    {"o:button", GROUP_SHAPE, RULE_FREE},
    {"o:connectangles", GROUP_VML, RULE_FREE},
    {"o:connectlocs", GROUP_VML, RULE_FREE},
    {"o:connecttype", GROUP_SHAPE | GROUP_VML, RULE_FREE},
    {"o:detectmouseclick", GROUP_FILL, RULE_FREE},
    {"o:extrusionok", GROUP_VML, RULE_FREE},
    {"o:hr", GROUP_SHAPE, RULE_FREE},
    {"o:hralign", GROUP_SHAPE, RULE_FREE},
    {"o:hrpct", GROUP_SHAPE, RULE_FREE},
    {"o:hrstd", GROUP_SHAPE, RULE_FREE},
    {"o:insetmode", GROUP_SHAPE, RULE_FREE},
    {"o:oleicon", GROUP_SHAPE, RULE_FREE},
    {"o:opacity2", GROUP_FILL, RULE_FREE},
    {"o:preferrelative", GROUP_SHAPE, RULE_FREE},
    {"o:spid", GROUP_SHAPE, RULE_FREE},
    {"o:spt", GROUP_SHAPE, RULE_FREE},
    {"o:title", GROUP_FILL, RULE_FREE},
    {"obscured", GROUP_VML, RULE_FREE},
    {"offset", GROUP_BODY | GROUP_VML, RULE_FREE},
    {"on", GROUP_FILL | GROUP_VML, RULE_FREE},
    {"opacity", GROUP_SHAPE | GROUP_FILL | GROUP_VML, RULE_FREE},
    {"open", GROUP_ANY, RULE_FREE},
    {"origin", GROUP_FILL, RULE_FREE},
    {"path", GROUP_SHAPE, RULE_FREE},
    {"points", GROUP_SHAPE, RULE_FREE},
    {"position", GROUP_FILL | GROUP_VML, RULE_FREE},
    {"print", GROUP_SHAPE, RULE_FREE},
    {"priority", GROUP_OFFICE, RULE_FREE},
    {"property", GROUP_META, RULE_META_NAME},
    {"qformat", GROUP_OFFICE, RULE_FREE},
    {"recolor", GROUP_FILL, RULE_FREE},
    {"referrerpolicy", GROUP_LINK, RULE_FREE},
    {"rel", GROUP_LINK, RULE_LINK_TYPE},
    {"rel", GROUP_STYLE, RULE_FREE},
    {"reversed", GROUP_LIST, RULE_FREE},
    {"rightmargin", GROUP_BODY, RULE_FREE},
    {"role", GROUP_ANY, RULE_FREE},
    {"rotate", GROUP_FILL, RULE_FREE},
    {"rotation", GROUP_VML, RULE_FREE},
    {"rowspan", GROUP_CELL, RULE_FREE},
    {"rules", GROUP_TABLE, RULE_FREE},
    {"scheme", GROUP_META, RULE_FREE},
    {"scope", GROUP_CELL, RULE_FREE},
    {"semihidden", GROUP_OFFICE, RULE_FREE},
    {"shape", GROUP_AREA | GROUP_LINK, RULE_FREE},
    {"shapetype", GROUP_VML, RULE_FREE},
    {"side", GROUP_VML, RULE_FREE},
    {"size", GROUP_FONT | GROUP_RULE | GROUP_FILL, RULE_FREE},
    {"sizes", GROUP_FILL, RULE_FREE},
    {"span", GROUP_COL, RULE_FREE},
    {"spidmax", GROUP_OFFICE, RULE_FREE},
    {"src", GROUP_FILL, RULE_CID},
    {"src", GROUP_IMAGE, RULE_IMAGE},
    {"start", GROUP_LIST, RULE_FREE},
    {"startarrow", GROUP_VML, RULE_FREE},
    {"string", GROUP_VML, RULE_FREE},
    {"stroke", GROUP_SHAPE, RULE_FREE},
    {"strokecolor", GROUP_SHAPE, RULE_FREE},
    {"stroked", GROUP_SHAPE, RULE_FREE},
    {"strokeweight", GROUP_SHAPE, RULE_FREE},
    {"style", GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML, RULE_STYLE},
    {"summary", GROUP_TABLE, RULE_FREE},
    {"switch", GROUP_VML, RULE_FREE},
    {"tabindex", GROUP_LINK, RULE_FREE},
    {"target", GROUP_LINK | GROUP_SHAPE, RULE_FREE},
    {"text", GROUP_BODY | GROUP_VML, RULE_FREE},
    {"textboxrect", GROUP_VML, RULE_FREE},
    {"title", GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_STYLE | GROUP_META, RULE_FREE},
    {"to", GROUP_SHAPE, RULE_FREE},
    {"topmargin", GROUP_BODY, RULE_FREE},
    {"translate", GROUP_ANY, RULE_FREE},
    {"trim", GROUP_VML, RULE_FREE},
    {"type", GROUP_STYLE, RULE_CSS_TYPE},
    {"type", GROUP_SHAPE, RULE_FRAGMENT},
    {"type", GROUP_LIST | GROUP_FILL | GROUP_VML, RULE_FREE},
    {"unhidewhenused", GROUP_OFFICE, RULE_FREE},
    {"usemap", GROUP_IMAGE, RULE_FRAGMENT},
    {"v:ext", GROUP_VML | GROUP_SHAPE | GROUP_FILL | GROUP_OFFICE, RULE_FREE},
    {"valign", GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_COL | GROUP_ANY, RULE_FREE},
    {"value", GROUP_LIST, RULE_FREE},
    {"vertical-align", GROUP_CELL, RULE_FREE}, /* no attribute of HTML, but MJML writes it */
    {"vlink", GROUP_BODY, RULE_FREE},
    {"vspace", GROUP_IMAGE, RULE_FREE},
    {"weight", GROUP_VML, RULE_FREE},
    {"width",
     GROUP_TABLE | GROUP_CELL | GROUP_COL | GROUP_IMAGE | GROUP_RULE | GROUP_ROW | GROUP_BLOCK | GROUP_LINK |
         GROUP_BODY,
     RULE_FREE},
    {"wrapcoords", GROUP_SHAPE, RULE_FREE},
    {"xml:lang", GROUP_ANY | GROUP_ROOT | GROUP_META | GROUP_STYLE, RULE_FREE},
    {"xml:space", GROUP_ANY, RULE_FREE},
    {"xmlns", GROUP_ANY | GROUP_ROOT | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_OFFICE, RULE_FREE},
    {"xrange", GROUP_VML, RULE_FREE},
    {"xscale", GROUP_VML, RULE_FREE},
    {"yrange", GROUP_VML, RULE_FREE},
};

/* Elements of HTML, SVG and MathML that are not allowed; only for telling HTML from plain text. */
static const char *const refused_elements[] = {
    "animate",   "applet",   "audio",    "base",   "basefont", "bgsound",  "button",        "canvas",   "command",
    "data",      "datalist", "dialog",   "dir",    "embed",    "fieldset", "foreignobject", "form",     "frame",
    "frameset",  "iframe",   "image",    "input",  "isindex",  "keygen",   "label",         "layer",    "legend",
    "link",      "listing",  "marquee",  "math",   "menu",     "menuitem", "meter",         "multicol", "nextid",
    "noembed",   "noframes", "noscript", "object", "optgroup", "option",   "output",        "param",    "picture",
    "plaintext", "portal",   "progress", "script", "search",   "select",   "slot",          "source",   "svg",
    "template",  "textarea", "track",    "video",  "xmp",
};

/* data-…, aria-… and xmlns:… hold names and words for programs that mail programs don't run. */
static const struct content_attribute prefixed = {
    "", GROUP_ANY | GROUP_ROOT | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_OFFICE, RULE_FREE};

G_STATIC_ASSERT(G_N_ELEMENTS(elements) <= CONTENT_MAX_ROWS);
G_STATIC_ASSERT(G_N_ELEMENTS(attributes) <= CONTENT_MAX_ROWS);

/* The same for names that differ in case alone. */
static inline guint8 hash_name(struct slice name)
{
    return (guint8)((guint8)(name.data[0] | 0x20) + 7U * (guint8)(name.data[name.length - 1] | 0x20) +
                    31 * name.length);
}

/* Puts a row, numbered from 1, before those of the same hash. */
static inline void hash_add(struct content_hash *hash, const char *name, size_t row)
{
    guint8 place = hash_name(slice_of(name));
    hash->next[row] = hash->first[place];
    hash->first[place] = (guint8)row;
}

void content_index_init(struct content_index *index)
{
    memset(index, 0, sizeof *index);
    for (size_t row = G_N_ELEMENTS(elements); row > 0; row--)
        hash_add(&index->elements, elements[row - 1].name, row);
    for (size_t row = G_N_ELEMENTS(attributes); row > 0; row--)
        hash_add(&index->attributes, attributes[row - 1].name, row);
}

/* FALSE where no table can hold the name. */
static inline gboolean may_be_listed(struct slice name)
{
    return name.length > 0 && name.length <= CONTENT_NAME_MAX && name.data[name.length - 1] != '\0';
}

static inline gboolean is_name(const char row[CONTENT_NAME_MAX + 1], struct slice name)
{
    size_t same = 0;
    while (same < name.length && (name.data[same] == row[same] || slice_fold(name.data[same]) == row[same]))
        same++;
    return same == name.length && row[same] == '\0';
}

const struct content_element *content_element_find(const struct content_index *index, struct slice name)
{
    if (!may_be_listed(name))
        return NULL;
    for (guint8 row = index->elements.first[hash_name(name)]; row > 0; row = index->elements.next[row])
        if (is_name(elements[row - 1].name, name))
            return &elements[row - 1];
    return NULL;
}

static gboolean is_prefixed(struct slice name)
{
    static const struct slice prefixes[] = {SLICE_LITERAL("data-"), SLICE_LITERAL("aria-"), SLICE_LITERAL("xmlns:")};
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (name.length > prefixes[i].length && slice_starts_folded(name, prefixes[i]))
            return TRUE;
    return FALSE;
}

const struct content_attribute *content_attribute_find(const struct content_index *index, struct slice name,
                                                       unsigned groups)
{
    if (may_be_listed(name))
        for (guint8 row = index->attributes.first[hash_name(name)]; row > 0; row = index->attributes.next[row])
            if ((attributes[row - 1].groups & groups) != 0 && is_name(attributes[row - 1].name, name))
                return &attributes[row - 1];
    return (groups & prefixed.groups) != 0 && is_prefixed(name) ? &prefixed : NULL;
}

gboolean content_is_html_element(const struct content_index *index, struct slice name)
{
    if (content_element_find(index, name) != NULL)
        return TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(refused_elements); i++)
        if (slice_equal_folded(name, slice_of(refused_elements[i])))
            return TRUE;
    return FALSE;
}
