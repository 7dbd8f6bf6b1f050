/* content_table.c - the allowed elements and attributes, sorted by name, and their look-up. */
#include "lib/content_table.h"

static const struct content_element elements[] = {
    {SLICE_LITERAL("a"), GROUP_ANY | GROUP_LINK}, {SLICE_LITERAL("abbr"), GROUP_ANY | GROUP_QUOTE}, {SLICE_LITERAL("acronym"), GROUP_ANY},
    {SLICE_LITERAL("address"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("area"), GROUP_ANY | GROUP_LINK | GROUP_AREA},
    {SLICE_LITERAL("article"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("aside"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("b"), GROUP_ANY}, {SLICE_LITERAL("bdi"), GROUP_ANY},
    {SLICE_LITERAL("bdo"), GROUP_ANY}, {SLICE_LITERAL("big"), GROUP_ANY}, {SLICE_LITERAL("blockquote"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("body"), GROUP_ANY | GROUP_BODY},
    {SLICE_LITERAL("br"), GROUP_ANY | GROUP_RULE}, {SLICE_LITERAL("caption"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("center"), GROUP_ANY | GROUP_BLOCK},
    {SLICE_LITERAL("cite"), GROUP_ANY}, {SLICE_LITERAL("code"), GROUP_ANY}, {SLICE_LITERAL("col"), GROUP_ANY | GROUP_COL}, {SLICE_LITERAL("colgroup"), GROUP_ANY | GROUP_COL},
    {SLICE_LITERAL("dd"), GROUP_ANY}, {SLICE_LITERAL("del"), GROUP_ANY | GROUP_QUOTE}, {SLICE_LITERAL("details"), GROUP_ANY}, {SLICE_LITERAL("dfn"), GROUP_ANY},
    {SLICE_LITERAL("div"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("dl"), GROUP_ANY}, {SLICE_LITERAL("dt"), GROUP_ANY}, {SLICE_LITERAL("em"), GROUP_ANY},
    {SLICE_LITERAL("figcaption"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("figure"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("font"), GROUP_ANY | GROUP_FONT},
    {SLICE_LITERAL("footer"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("h1"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("h2"), GROUP_ANY | GROUP_BLOCK},
    {SLICE_LITERAL("h3"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("h4"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("h5"), GROUP_ANY | GROUP_BLOCK},
    {SLICE_LITERAL("h6"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("head"), GROUP_ANY}, {SLICE_LITERAL("header"), GROUP_ANY | GROUP_BLOCK},
    {SLICE_LITERAL("hr"), GROUP_ANY | GROUP_RULE}, {SLICE_LITERAL("html"), GROUP_ANY | GROUP_ROOT}, {SLICE_LITERAL("i"), GROUP_ANY},
    {SLICE_LITERAL("img"), GROUP_ANY | GROUP_IMAGE}, {SLICE_LITERAL("ins"), GROUP_ANY | GROUP_QUOTE}, {SLICE_LITERAL("kbd"), GROUP_ANY},
    {SLICE_LITERAL("li"), GROUP_ANY | GROUP_LIST}, {SLICE_LITERAL("main"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("map"), GROUP_ANY | GROUP_MAP},
    {SLICE_LITERAL("mark"), GROUP_ANY}, {SLICE_LITERAL("meta"), GROUP_META}, {SLICE_LITERAL("nav"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("nobr"), GROUP_ANY},
    {SLICE_LITERAL("o:allowpng"), GROUP_OFFICE}, {SLICE_LITERAL("o:author"), GROUP_OFFICE}, {SLICE_LITERAL("o:characters"), GROUP_OFFICE},
    {SLICE_LITERAL("o:characterswithspaces"), GROUP_OFFICE}, {SLICE_LITERAL("o:company"), GROUP_OFFICE}, {SLICE_LITERAL("o:created"), GROUP_OFFICE},
    {SLICE_LITERAL("o:documentproperties"), GROUP_OFFICE}, {SLICE_LITERAL("o:idmap"), GROUP_OFFICE}, {SLICE_LITERAL("o:lastauthor"), GROUP_OFFICE},
    {SLICE_LITERAL("o:lastsaved"), GROUP_OFFICE}, {SLICE_LITERAL("o:lines"), GROUP_OFFICE}, {SLICE_LITERAL("o:lock"), GROUP_VML},
    {SLICE_LITERAL("o:officedocumentsettings"), GROUP_OFFICE}, {SLICE_LITERAL("o:p"), GROUP_ANY}, {SLICE_LITERAL("o:pages"), GROUP_OFFICE},
    {SLICE_LITERAL("o:paragraphs"), GROUP_OFFICE}, {SLICE_LITERAL("o:pixelsperinch"), GROUP_OFFICE}, {SLICE_LITERAL("o:relyonvml"), GROUP_OFFICE},
    {SLICE_LITERAL("o:revision"), GROUP_OFFICE}, {SLICE_LITERAL("o:shapedefaults"), GROUP_OFFICE}, {SLICE_LITERAL("o:shapelayout"), GROUP_OFFICE},
    {SLICE_LITERAL("o:targetscreensize"), GROUP_OFFICE}, {SLICE_LITERAL("o:template"), GROUP_OFFICE}, {SLICE_LITERAL("o:totaltime"), GROUP_OFFICE},
    {SLICE_LITERAL("o:version"), GROUP_OFFICE}, {SLICE_LITERAL("o:words"), GROUP_OFFICE}, {SLICE_LITERAL("ol"), GROUP_ANY | GROUP_LIST},
    {SLICE_LITERAL("p"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("pre"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("q"), GROUP_ANY}, {SLICE_LITERAL("rb"), GROUP_ANY},
    {SLICE_LITERAL("rp"), GROUP_ANY}, {SLICE_LITERAL("rt"), GROUP_ANY}, {SLICE_LITERAL("ruby"), GROUP_ANY}, {SLICE_LITERAL("s"), GROUP_ANY}, {SLICE_LITERAL("samp"), GROUP_ANY},
    {SLICE_LITERAL("section"), GROUP_ANY | GROUP_BLOCK}, {SLICE_LITERAL("small"), GROUP_ANY}, {SLICE_LITERAL("span"), GROUP_ANY}, {SLICE_LITERAL("strike"), GROUP_ANY},
    {SLICE_LITERAL("strong"), GROUP_ANY}, {SLICE_LITERAL("style"), GROUP_STYLE}, {SLICE_LITERAL("sub"), GROUP_ANY}, {SLICE_LITERAL("summary"), GROUP_ANY}, {SLICE_LITERAL("sup"), GROUP_ANY},
    {SLICE_LITERAL("table"), GROUP_ANY | GROUP_TABLE}, {SLICE_LITERAL("tbody"), GROUP_ANY | GROUP_ROW}, {SLICE_LITERAL("td"), GROUP_ANY | GROUP_CELL},
    {SLICE_LITERAL("tfoot"), GROUP_ANY | GROUP_ROW}, {SLICE_LITERAL("th"), GROUP_ANY | GROUP_CELL}, {SLICE_LITERAL("thead"), GROUP_ANY | GROUP_ROW},
    {SLICE_LITERAL("time"), GROUP_ANY | GROUP_QUOTE}, {SLICE_LITERAL("title"), GROUP_ANY}, {SLICE_LITERAL("tr"), GROUP_ANY | GROUP_ROW}, {SLICE_LITERAL("tt"), GROUP_ANY},
    {SLICE_LITERAL("u"), GROUP_ANY}, {SLICE_LITERAL("ul"), GROUP_ANY | GROUP_LIST}, {SLICE_LITERAL("v:arc"), GROUP_SHAPE}, {SLICE_LITERAL("v:background"), GROUP_SHAPE},
    {SLICE_LITERAL("v:f"), GROUP_VML}, {SLICE_LITERAL("v:fill"), GROUP_FILL}, {SLICE_LITERAL("v:formulas"), GROUP_VML}, {SLICE_LITERAL("v:group"), GROUP_SHAPE}, {SLICE_LITERAL("v:h"), GROUP_VML},
    {SLICE_LITERAL("v:handles"), GROUP_VML}, {SLICE_LITERAL("v:imagedata"), GROUP_FILL}, {SLICE_LITERAL("v:line"), GROUP_SHAPE}, {SLICE_LITERAL("v:oval"), GROUP_SHAPE},
    {SLICE_LITERAL("v:path"), GROUP_VML}, {SLICE_LITERAL("v:polyline"), GROUP_SHAPE}, {SLICE_LITERAL("v:rect"), GROUP_SHAPE}, {SLICE_LITERAL("v:roundrect"), GROUP_SHAPE},
    {SLICE_LITERAL("v:shadow"), GROUP_VML}, {SLICE_LITERAL("v:shape"), GROUP_SHAPE}, {SLICE_LITERAL("v:shapetype"), GROUP_SHAPE}, {SLICE_LITERAL("v:stroke"), GROUP_VML},
    {SLICE_LITERAL("v:textbox"), GROUP_VML}, {SLICE_LITERAL("v:textpath"), GROUP_VML}, {SLICE_LITERAL("var"), GROUP_ANY}, {SLICE_LITERAL("w10:anchorlock"), GROUP_VML},
    {SLICE_LITERAL("w10:wrap"), GROUP_VML}, {SLICE_LITERAL("w:alwaysshowplaceholdertext"), GROUP_OFFICE}, {SLICE_LITERAL("w:anchorlock"), GROUP_VML},
    {SLICE_LITERAL("w:breakwrappedtables"), GROUP_OFFICE}, {SLICE_LITERAL("w:browserlevel"), GROUP_OFFICE}, {SLICE_LITERAL("w:compatibility"), GROUP_OFFICE},
    {SLICE_LITERAL("w:donothyphenatecaps"), GROUP_OFFICE}, {SLICE_LITERAL("w:donotoptimizeforbrowser"), GROUP_OFFICE},
    {SLICE_LITERAL("w:donotpromoteqf"), GROUP_OFFICE}, {SLICE_LITERAL("w:dontgrowautofit"), GROUP_OFFICE}, {SLICE_LITERAL("w:hyphenationzone"), GROUP_OFFICE},
    {SLICE_LITERAL("w:ignoremixedcontent"), GROUP_OFFICE}, {SLICE_LITERAL("w:latentstyles"), GROUP_OFFICE}, {SLICE_LITERAL("w:lidthemeasian"), GROUP_OFFICE},
    {SLICE_LITERAL("w:lidthemecomplexscript"), GROUP_OFFICE}, {SLICE_LITERAL("w:lidthemeother"), GROUP_OFFICE}, {SLICE_LITERAL("w:lsdexception"), GROUP_OFFICE},
    {SLICE_LITERAL("w:punctuationkerning"), GROUP_OFFICE}, {SLICE_LITERAL("w:saveifxmlinvalid"), GROUP_OFFICE}, {SLICE_LITERAL("w:snaptogridincell"), GROUP_OFFICE},
    {SLICE_LITERAL("w:splitpgbreakandparamark"), GROUP_OFFICE}, {SLICE_LITERAL("w:trackformatting"), GROUP_OFFICE}, {SLICE_LITERAL("w:trackmoves"), GROUP_OFFICE},
    {SLICE_LITERAL("w:useasianbreakrules"), GROUP_OFFICE}, {SLICE_LITERAL("w:usefelayout"), GROUP_OFFICE}, {SLICE_LITERAL("w:validateagainstschemas"), GROUP_OFFICE},
    {SLICE_LITERAL("w:view"), GROUP_OFFICE}, {SLICE_LITERAL("w:worddocument"), GROUP_OFFICE}, {SLICE_LITERAL("w:wrap"), GROUP_VML},
    {SLICE_LITERAL("w:wraptextwithpunct"), GROUP_OFFICE}, {SLICE_LITERAL("w:zoom"), GROUP_OFFICE}, {SLICE_LITERAL("wbr"), GROUP_ANY}, {SLICE_LITERAL("xml"), GROUP_ROOT},
};

/* One name may have several rows: what it means on other elements. */
static const struct content_attribute attributes[] = {
    {SLICE_LITERAL("abbr"), GROUP_CELL, RULE_FREE}, {SLICE_LITERAL("accesskey"), GROUP_LINK, RULE_FREE}, {SLICE_LITERAL("adj"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("align"), GROUP_BLOCK | GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_COL | GROUP_IMAGE | GROUP_RULE | GROUP_ANY | GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("alignshape"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("alink"), GROUP_BODY, RULE_FREE},
    {SLICE_LITERAL("alt"), GROUP_AREA | GROUP_IMAGE | GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("anchorx"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("anchory"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("angle"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("arcsize"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("arrowok"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("aspect"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("aspectratio"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("axis"), GROUP_CELL, RULE_FREE},
    {SLICE_LITERAL("bgcolor"), GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_COL | GROUP_BODY | GROUP_BLOCK, RULE_FREE},
    {SLICE_LITERAL("bilevel"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("blacklevel"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("border"), GROUP_TABLE | GROUP_IMAGE | GROUP_CELL, RULE_FREE},
    {SLICE_LITERAL("bordercolor"), GROUP_TABLE | GROUP_CELL | GROUP_ROW, RULE_FREE}, {SLICE_LITERAL("bottommargin"), GROUP_BODY, RULE_FREE},
    {SLICE_LITERAL("cellpadding"), GROUP_TABLE, RULE_FREE}, {SLICE_LITERAL("cellspacing"), GROUP_TABLE, RULE_FREE},
    {SLICE_LITERAL("char"), GROUP_CELL | GROUP_ROW | GROUP_COL, RULE_FREE}, {SLICE_LITERAL("charoff"), GROUP_CELL | GROUP_ROW | GROUP_COL, RULE_FREE},
    {SLICE_LITERAL("charset"), GROUP_META, RULE_CHARSET}, {SLICE_LITERAL("chromakey"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("class"), GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_STYLE | GROUP_META, RULE_FREE},
    {SLICE_LITERAL("clear"), GROUP_RULE, RULE_FREE}, {SLICE_LITERAL("color"), GROUP_FONT | GROUP_RULE | GROUP_FILL | GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("color2"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("colspan"), GROUP_CELL, RULE_FREE}, {SLICE_LITERAL("compact"), GROUP_LIST, RULE_FREE},
    {SLICE_LITERAL("content"), GROUP_META, RULE_FREE}, {SLICE_LITERAL("coordorigin"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("coords"), GROUP_AREA | GROUP_LINK, RULE_FREE}, {SLICE_LITERAL("coordsize"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("cropbottom"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("cropleft"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("cropright"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("croptop"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("dashstyle"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("data"), GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("datetime"), GROUP_QUOTE, RULE_FREE}, {SLICE_LITERAL("decoding"), GROUP_IMAGE, RULE_FREE},
    {SLICE_LITERAL("deflockedstate"), GROUP_OFFICE, RULE_FREE}, {SLICE_LITERAL("defpriority"), GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("defqformat"), GROUP_OFFICE, RULE_FREE}, {SLICE_LITERAL("defsemihidden"), GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("defunhidewhenused"), GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("dir"), GROUP_ANY | GROUP_ROOT | GROUP_META | GROUP_STYLE, RULE_FREE}, {SLICE_LITERAL("endarrow"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("endcap"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("eqn"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("face"), GROUP_FONT, RULE_FREE},
    {SLICE_LITERAL("fill"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("fillcolor"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("filled"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("filltype"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("fitpath"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("fitshape"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("focus"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("focusposition"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("focussize"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("frame"), GROUP_TABLE, RULE_FREE}, {SLICE_LITERAL("from"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("gain"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("gamma"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("gradientshapeok"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("grayscale"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("headers"), GROUP_CELL, RULE_FREE},
    {SLICE_LITERAL("height"), GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_IMAGE | GROUP_COL | GROUP_RULE | GROUP_BLOCK, RULE_FREE},
    {SLICE_LITERAL("hidden"), GROUP_ANY, RULE_FREE}, {SLICE_LITERAL("href"), GROUP_LINK | GROUP_SHAPE, RULE_LINK},
    {SLICE_LITERAL("hreflang"), GROUP_LINK, RULE_FREE}, {SLICE_LITERAL("hspace"), GROUP_IMAGE, RULE_FREE},
    {SLICE_LITERAL("http-equiv"), GROUP_META, RULE_HTTP_EQUIV},
    {SLICE_LITERAL("id"), GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_STYLE | GROUP_META, RULE_FREE},
    {SLICE_LITERAL("inset"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("joinstyle"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("lang"), GROUP_ANY | GROUP_ROOT | GROUP_META | GROUP_STYLE, RULE_FREE},
    {SLICE_LITERAL("latentstylecount"), GROUP_OFFICE, RULE_FREE}, {SLICE_LITERAL("leftmargin"), GROUP_BODY, RULE_FREE},
    {SLICE_LITERAL("limo"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("linestyle"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("link"), GROUP_BODY, RULE_FREE},
    {SLICE_LITERAL("loading"), GROUP_IMAGE, RULE_FREE}, {SLICE_LITERAL("locked"), GROUP_OFFICE, RULE_FREE}, {SLICE_LITERAL("marginheight"), GROUP_BODY, RULE_FREE},
    {SLICE_LITERAL("marginwidth"), GROUP_BODY, RULE_FREE}, {SLICE_LITERAL("media"), GROUP_STYLE, RULE_FREE}, {SLICE_LITERAL("method"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("miterlimit"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("name"), GROUP_LINK | GROUP_MAP | GROUP_IMAGE | GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("name"), GROUP_META, RULE_META_NAME}, {SLICE_LITERAL("nohref"), GROUP_AREA, RULE_FREE}, {SLICE_LITERAL("noshade"), GROUP_RULE, RULE_FREE},
    {SLICE_LITERAL("nowrap"), GROUP_CELL | GROUP_ROW | GROUP_BLOCK, RULE_FREE}, {SLICE_LITERAL("o:allowincell"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("o:allowoverlap"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:bullet"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("o:button"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:connectangles"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("o:connectlocs"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("o:connecttype"), GROUP_SHAPE | GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("o:detectmouseclick"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("o:extrusionok"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("o:hr"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:hralign"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:hrpct"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("o:hrstd"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:insetmode"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:oleicon"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("o:opacity2"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("o:preferrelative"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("o:spid"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:spt"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("o:title"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("obscured"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("offset"), GROUP_BODY | GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("on"), GROUP_FILL | GROUP_VML, RULE_FREE}, {SLICE_LITERAL("opacity"), GROUP_SHAPE | GROUP_FILL | GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("open"), GROUP_ANY, RULE_FREE}, {SLICE_LITERAL("origin"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("path"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("points"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("position"), GROUP_FILL | GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("print"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("priority"), GROUP_OFFICE, RULE_FREE}, {SLICE_LITERAL("qformat"), GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("recolor"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("referrerpolicy"), GROUP_LINK, RULE_FREE}, {SLICE_LITERAL("rel"), GROUP_LINK, RULE_FREE},
    {SLICE_LITERAL("reversed"), GROUP_LIST, RULE_FREE}, {SLICE_LITERAL("rightmargin"), GROUP_BODY, RULE_FREE}, {SLICE_LITERAL("role"), GROUP_ANY, RULE_FREE},
    {SLICE_LITERAL("rotate"), GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("rotation"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("rowspan"), GROUP_CELL, RULE_FREE},
    {SLICE_LITERAL("rules"), GROUP_TABLE, RULE_FREE}, {SLICE_LITERAL("scheme"), GROUP_META, RULE_FREE}, {SLICE_LITERAL("scope"), GROUP_CELL, RULE_FREE},
    {SLICE_LITERAL("semihidden"), GROUP_OFFICE, RULE_FREE}, {SLICE_LITERAL("shape"), GROUP_AREA | GROUP_LINK, RULE_FREE},
    {SLICE_LITERAL("shapetype"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("side"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("size"), GROUP_FONT | GROUP_RULE | GROUP_FILL, RULE_FREE}, {SLICE_LITERAL("sizes"), GROUP_FILL, RULE_FREE},
    {SLICE_LITERAL("span"), GROUP_COL, RULE_FREE}, {SLICE_LITERAL("spidmax"), GROUP_OFFICE, RULE_FREE}, {SLICE_LITERAL("src"), GROUP_FILL, RULE_CID},
    {SLICE_LITERAL("src"), GROUP_IMAGE, RULE_IMAGE}, {SLICE_LITERAL("start"), GROUP_LIST, RULE_FREE}, {SLICE_LITERAL("startarrow"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("string"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("stroke"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("strokecolor"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("stroked"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("strokeweight"), GROUP_SHAPE, RULE_FREE},
    {SLICE_LITERAL("style"), GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML, RULE_STYLE}, {SLICE_LITERAL("summary"), GROUP_TABLE, RULE_FREE},
    {SLICE_LITERAL("switch"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("tabindex"), GROUP_LINK, RULE_FREE},
    {SLICE_LITERAL("target"), GROUP_LINK | GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("text"), GROUP_BODY | GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("textboxrect"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("title"), GROUP_ANY | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_STYLE | GROUP_META, RULE_FREE},
    {SLICE_LITERAL("to"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("topmargin"), GROUP_BODY, RULE_FREE}, {SLICE_LITERAL("translate"), GROUP_ANY, RULE_FREE},
    {SLICE_LITERAL("trim"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("type"), GROUP_STYLE, RULE_CSS_TYPE}, {SLICE_LITERAL("type"), GROUP_SHAPE, RULE_FRAGMENT},
    {SLICE_LITERAL("type"), GROUP_LIST | GROUP_FILL | GROUP_VML, RULE_FREE}, {SLICE_LITERAL("unhidewhenused"), GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("usemap"), GROUP_IMAGE, RULE_FRAGMENT}, {SLICE_LITERAL("v:ext"), GROUP_VML | GROUP_SHAPE | GROUP_FILL | GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("valign"), GROUP_TABLE | GROUP_CELL | GROUP_ROW | GROUP_COL | GROUP_ANY, RULE_FREE},
    {SLICE_LITERAL("value"), GROUP_LIST, RULE_FREE}, {SLICE_LITERAL("vlink"), GROUP_BODY, RULE_FREE}, {SLICE_LITERAL("vspace"), GROUP_IMAGE, RULE_FREE},
    {SLICE_LITERAL("weight"), GROUP_VML, RULE_FREE},
    {SLICE_LITERAL("width"), GROUP_TABLE | GROUP_CELL | GROUP_COL | GROUP_IMAGE | GROUP_RULE | GROUP_ROW | GROUP_BLOCK | GROUP_LINK, RULE_FREE},
    {SLICE_LITERAL("wrapcoords"), GROUP_SHAPE, RULE_FREE}, {SLICE_LITERAL("xml:lang"), GROUP_ANY | GROUP_ROOT | GROUP_META | GROUP_STYLE, RULE_FREE},
    {SLICE_LITERAL("xml:space"), GROUP_ANY, RULE_FREE},
    {SLICE_LITERAL("xmlns"), GROUP_ANY | GROUP_ROOT | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_OFFICE, RULE_FREE},
    {SLICE_LITERAL("xrange"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("xscale"), GROUP_VML, RULE_FREE}, {SLICE_LITERAL("yrange"), GROUP_VML, RULE_FREE},
};

/* Elements of HTML, SVG and MathML that are not allowed; only for telling HTML from plain text. */
static const char *const refused_elements[] = {
    "animate", "applet", "audio", "base", "basefont", "bgsound", "button", "canvas", "command", "data", "datalist",
    "dialog", "dir", "embed", "fieldset", "foreignobject", "form", "frame", "frameset", "iframe", "image", "input",
    "isindex", "keygen", "label", "layer", "legend", "link", "listing", "marquee", "math", "menu", "menuitem", "meter",
    "multicol", "nextid", "noembed", "noframes", "noscript", "object", "optgroup", "option", "output", "param",
    "picture", "plaintext", "portal", "progress", "script", "search", "select", "slot", "source", "svg", "template",
    "textarea", "track", "video", "xmp",
};

/* data-…, aria-… and xmlns:… hold names and words for programs that mail programs don't run. */
static const struct content_attribute prefixed = {{"", 0}, GROUP_ANY | GROUP_ROOT | GROUP_SHAPE | GROUP_FILL | GROUP_VML | GROUP_OFFICE, RULE_FREE};

void content_index_init(struct content_index *index)
{
    /* Filled from the end, so that each letter keeps its first row; letters without a row point to the end. */
    for (size_t i = 0; i < G_N_ELEMENTS(index->elements); i++) {
        index->elements[i] = G_N_ELEMENTS(elements);
        index->attributes[i] = G_N_ELEMENTS(attributes);
    }
    for (size_t i = G_N_ELEMENTS(elements); i-- > 0;)
        index->elements[(guint8)elements[i].name.data[0]] = (guint16)i;
    for (size_t i = G_N_ELEMENTS(attributes); i-- > 0;)
        index->attributes[(guint8)attributes[i].name.data[0]] = (guint16)i;
}

/* Copies the name in lower case, and lets *name_r be the copy; FALSE where it is too long to be in a table. */
static gboolean fold_name(struct slice name, char folded[CONTENT_NAME_MAX], struct slice *name_r)
{
    if (name.length == 0 || name.length > CONTENT_NAME_MAX)
        return FALSE;
    for (size_t i = 0; i < name.length; i++)
        folded[i] = slice_fold(name.data[i]);
    *name_r = (struct slice){folded, name.length};
    return TRUE;
}

/* Most names of the same first letter differ in length or last letter: that is quicker than comparing them. */
static inline gboolean is_name(struct slice row, struct slice name)
{
    return row.length == name.length && row.data[row.length - 1] == name.data[name.length - 1] &&
           memcmp(row.data, name.data, name.length) == 0;
}

const struct content_element *content_element_find(const struct content_index *index, struct slice name)
{
    char folded[CONTENT_NAME_MAX];
    if (!fold_name(name, folded, &name))
        return NULL;
    for (size_t i = index->elements[(guint8)folded[0]];
         i < G_N_ELEMENTS(elements) && elements[i].name.data[0] == folded[0]; i++)
        if (is_name(elements[i].name, name))
            return &elements[i];
    return NULL;
}

static gboolean is_prefixed(struct slice name)
{
    switch (slice_fold(name.data[0])) {
    case 'd':
        return name.length > 5 && slice_starts_folded(name, SLICE_LITERAL("data-"));
    case 'a':
        return name.length > 5 && slice_starts_folded(name, SLICE_LITERAL("aria-"));
    case 'x':
        return name.length > 6 && slice_starts_folded(name, SLICE_LITERAL("xmlns:"));
    default:
        return FALSE;
    }
}

const struct content_attribute *content_attribute_find(const struct content_index *index, struct slice name, unsigned groups)
{
    char folded[CONTENT_NAME_MAX];
    if (name.length > 0 && (groups & prefixed.groups) != 0 && is_prefixed(name))
        return &prefixed;
    if (!fold_name(name, folded, &name))
        return NULL;
    for (size_t i = index->attributes[(guint8)folded[0]];
         i < G_N_ELEMENTS(attributes) && attributes[i].name.data[0] == folded[0]; i++)
        if ((attributes[i].groups & groups) != 0 && is_name(attributes[i].name, name))
            return &attributes[i];
    return NULL;
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
