/*
 * test_content.c - HTML that would load something or can't be read surely, each with the reason it is refused for; HTML
 * that ordinary newsletters are made of and that must pass.
 */
#include "lib/content.h"

#define PNG "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
#define GIF "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

struct html_case {
    const char *name;
    const char *html;
    enum content_reason reason;
};

static const struct html_case evasions[] = {
    /* pictures */
    {"a remote picture", "<img src=\"http://x.test/p.gif\">", CONTENT_IMAGE},
    {"a remote picture by https", "<img src=\"https://x.test/p.gif\" width=1 height=1>", CONTENT_IMAGE},
    {"a picture without scheme", "<img src=\"//x.test/p.gif\">", CONTENT_IMAGE},
    {"a relative picture", "<img src=\"p.gif\">", CONTENT_IMAGE},
    {"a picture with backslashes", "<img src=\"\\\\x.test\\p.gif\">", CONTENT_IMAGE},
    {"a picture from a file share", "<img src=\"file://x.test/share/p.gif\">", CONTENT_IMAGE},
    {"a picture without quotes", "<img src=http://x.test/p.gif>", CONTENT_IMAGE},
    {"a picture with single quotes", "<img src='http://x.test/p.gif'>", CONTENT_IMAGE},
    {"mixed case", "<IMG SrC=\"HTTP://x.test/p.gif\">", CONTENT_IMAGE},
    {"a slash instead of a space", "<img/src=\"http://x.test/p.gif\">", CONTENT_IMAGE},
    {"a form feed instead of a space", "<img\fsrc=\"http://x.test/p.gif\">", CONTENT_CONTROL},
    {"a line end instead of a space", "<img\nsrc=\n\"http://x.test/p.gif\">", CONTENT_IMAGE},
    {"an empty picture", "<img src=\"\">", CONTENT_IMAGE},
    {"a picture without value", "<img src>", CONTENT_IMAGE},
    {"entities in the scheme", "<img src=\"&#104;ttp://x.test/p.gif\">", CONTENT_IMAGE},
    {"hexadecimal entities", "<img src=\"&#x68;&#x74;tp&#58;//x.test/p.gif\">", CONTENT_IMAGE},
    {"entities without semicolon", "<img src=\"&#104ttp://x.test/p.gif\">", CONTENT_IMAGE},
    {"named entities", "<img src=\"http&colon;&sol;&sol;x.test\">", CONTENT_IMAGE},
    {"cid with an entity that adds a scheme", "<img src=\"http:&sol;/x.test/?cid:\">", CONTENT_IMAGE},
    {"an unknown entity", "<img src=\"cid:a&nosuchentity;b\">", CONTENT_REFERENCE},
    {"a line end in the scheme", "<img src=\"ht\ntp://x.test/p.gif\">", CONTENT_IMAGE},
    {"a tab in the scheme", "<img src=\"ht&Tab;tp://x.test/p.gif\">", CONTENT_IMAGE},
    {"leading spaces", "<img src=\"  http://x.test/p.gif\">", CONTENT_IMAGE},
    {"leading control characters", "<img src=\"&#1;http://x.test/p.gif\">", CONTENT_IMAGE},
    {"two pictures in one tag", "<img src=\"cid:a\" src=\"http://x.test/p.gif\">", CONTENT_IMAGE},
    {"srcset", "<img src=\"cid:a\" srcset=\"http://x.test/p.gif 2x\">", CONTENT_ATTRIBUTE},
    {"lowsrc", "<img lowsrc=\"http://x.test/p.gif\">", CONTENT_ATTRIBUTE},
    {"dynsrc", "<img dynsrc=\"http://x.test/p.gif\">", CONTENT_ATTRIBUTE},
    {"longdesc", "<img longdesc=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"onerror", "<img src=\"cid:x\" onerror=\"alert(1)\">", CONTENT_ATTRIBUTE},
    {"image for img", "<image src=\"http://x.test/p.gif\">", CONTENT_ELEMENT},
    {"picture and source", "<picture><source srcset=\"http://x.test/p.gif\"></picture>", CONTENT_ELEMENT},
    {"data of text/html", "<img src=\"data:text/html;base64,PGI+\">", CONTENT_IMAGE},
    {"data of svg", "<img src=\"data:image/svg+xml;base64,PHN2Zz4=\">", CONTENT_IMAGE},
    {"data of svg said to be png",
     "<img src=\"data:image/png;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjwvc3ZnPg==\">",
     CONTENT_IMAGE},
    {"data of gif said to be png", "<img src=\"data:image/png;base64," GIF "\">", CONTENT_IMAGE},
    {"data not in base64", "<img src=\"data:image/png,%89PNG\">", CONTENT_IMAGE},
    {"data with a charset", "<img src=\"data:image/png;charset=utf-8;base64," PNG "\">", CONTENT_IMAGE},
    {"data with broken base64", "<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg!!\">", CONTENT_IMAGE},
    {"data without type", "<img src=\"data:;base64," PNG "\">", CONTENT_IMAGE},
    {"a picture inside a link", "<a href=\"https://x.test/\"><img src=\"https://x.test/p\"></a>", CONTENT_IMAGE},
    {"cid with a blank", "<img src=\"cid:a http://x.test/\">", CONTENT_IMAGE},
    {"cid without name", "<img src=\"cid:\">", CONTENT_IMAGE},
    {"cid with a URL", "<img src=\"cid:http://x.test/p.gif\">", CONTENT_IMAGE},
    {"cid with a host", "<img src=\"cid://x.test/p.gif\">", CONTENT_IMAGE},
    {"cid with a query", "<img src=\"cid:a?http\">", CONTENT_IMAGE},
    {"something before cid", "<img src=\"x-cid:a\">", CONTENT_IMAGE},
    {"mhtml", "<img src=\"mhtml:http://x.test/!p.gif\">", CONTENT_IMAGE},
    {"a Windows share", "<img src=\"\\\\x.test\\share\\p.gif\">", CONTENT_IMAGE},
    {"a slash and a backslash", "<img src=\"/\\x.test/p.gif\">", CONTENT_IMAGE},
    {"about:blank", "<img src=\"about:blank\">", CONTENT_IMAGE},
    {"a source behind a stray slash", "<img alt=\"\" src=\"cid:a\" / src=\"http://x.test/\">", CONTENT_IMAGE},
    {"imagesrcset", "<img imagesrcset=\"http://x.test/p.gif 1x\">", CONTENT_ATTRIBUTE},
    {"sizes without srcset", "<img src=\"cid:a\" sizes=\"100vw\">", CONTENT_ATTRIBUTE},
    {"attributionsrc", "<img src=\"cid:a\" attributionsrc=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"attributionsrc of a link", "<a href=\"https://x.test/\" attributionsrc=\"https://y.test/\">x</a>",
     CONTENT_ATTRIBUTE},
    {"mid", "<img src=\"mid:a@x.test\">", CONTENT_IMAGE},
    {"ftp", "<img src=\"ftp://x.test/p.gif\">", CONTENT_IMAGE},
    {"blob", "<img src=\"blob:http://x.test/1\">", CONTENT_IMAGE},
    {"a usemap elsewhere", "<img src=\"cid:a\" usemap=\"http://x.test/#m\">", CONTENT_FRAGMENT},
    /* backgrounds and other attributes that load */
    {"a background of tr", "<tr background=\"//x.test/p.gif\">", CONTENT_ATTRIBUTE},
    {"a background of tbody", "<tbody background=\"p.gif\">", CONTENT_ATTRIBUTE},
    {"a background of div", "<div background=\"http://x.test/p.gif\">", CONTENT_ATTRIBUTE},
    {"a background of th in capitals", "<TH BACKGROUND=http://x.test/p.gif>", CONTENT_ATTRIBUTE},
    {"src of hr", "<hr src=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"src of style", "<style src=\"http://x.test/\">a{}</style>", CONTENT_ATTRIBUTE},
    {"download", "<a href=\"https://x.test/\" download>x</a>", CONTENT_ATTRIBUTE},
    {"is", "<p is=\"x-y\">", CONTENT_ATTRIBUTE},
    {"popover", "<p popover>", CONTENT_ATTRIBUTE},
    {"ontoggle", "<details open ontoggle=x>", CONTENT_ATTRIBUTE},
    {"microdata", "<div itemscope itemtype=\"http://schema.org/EmailMessage\">", CONTENT_ATTRIBUTE},
    {"a background of body", "<body background=\"http://x.test/p.gif\">", CONTENT_ATTRIBUTE},
    {"a background of table", "<table background=\"http://x.test/p.gif\">", CONTENT_ATTRIBUTE},
    {"a background of td", "<td background=\"cid:x\">", CONTENT_ATTRIBUTE},
    {"a second body", "<body><p><body background=\"http://x.test/p.gif\">", CONTENT_ATTRIBUTE},
    {"a profile", "<head profile=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"a manifest", "<html manifest=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"ping", "<a href=\"https://x.test/\" ping=\"https://y.test/\">x</a>", CONTENT_ATTRIBUTE},
    {"cite", "<blockquote cite=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"onload", "<body onload=\"x()\">", CONTENT_ATTRIBUTE},
    {"onclick", "<a href=\"https://x.test/\" onclick=\"x()\">x</a>", CONTENT_ATTRIBUTE},
    {"an event that does not exist yet", "<p onfuture=x>", CONTENT_ATTRIBUTE},
    {"an unknown attribute", "<p poster=x>", CONTENT_ATTRIBUTE},
    {"xlink:href", "<a xlink:href=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"datasrc", "<span datasrc=\"#x\">", CONTENT_ATTRIBUTE},
    {"xml with a source", "<xml src=\"http://x.test/\"></xml>", CONTENT_ATTRIBUTE},
    {"an attribute with NUL in its name",
     "<img sr\xef\xbf\xbd"
     "c=x>",
     CONTENT_ATTRIBUTE},
    /* links */
    {"javascript", "<a href=\"javascript:alert(1)\">x</a>", CONTENT_LINK},
    {"javascript with entities", "<a href=\"java&#115;cript:alert(1)\">x</a>", CONTENT_LINK},
    {"javascript with &colon;", "<a href=\"javascript&colon;alert(1)\">x</a>", CONTENT_LINK},
    {"javascript with a tab", "<a href=\"java\tscript:alert(1)\">x</a>", CONTENT_LINK},
    {"javascript with &NewLine;", "<a href=\"java&NewLine;script:alert(1)\">x</a>", CONTENT_LINK},
    {"javascript behind a control character", "<a href=\"&#1;javascript:alert(1)\">x</a>", CONTENT_LINK},
    {"vbscript", "<a href=\"vbscript:x\">x</a>", CONTENT_LINK},
    {"a data link", "<a href=\"data:text/html,<b>\">x</a>", CONTENT_LINK},
    {"a relative link", "<a href=\"page.html\">x</a>", CONTENT_LINK},
    {"a link without scheme", "<a href=\"//x.test/\">x</a>", CONTENT_LINK},
    {"a link without host", "<a href=\"https://\">x</a>", CONTENT_LINK},
    {"a link with one slash", "<a href=\"https:/x.test\">x</a>", CONTENT_LINK},
    {"an empty link", "<a href=\"\">x</a>", CONTENT_LINK},
    {"a file link", "<a href=\"file:///etc/passwd\">x</a>", CONTENT_LINK},
    {"a link for Office programs", "<a href=\"ms-word:ofe|u|http://x.test/\">x</a>", CONTENT_LINK},
    {"a search link", "<a href=\"search-ms:query=x\">x</a>", CONTENT_LINK},
    {"a template's name left over", "<a href=\"{{link}}\">x</a>", CONTENT_LINK},
    {"an unknown reference in a link", "<a href=\"https://x.test/&foo;\">x</a>", CONTENT_REFERENCE},
    {"an area with javascript", "<map name=m><area href=\"javascript:x\"></map>", CONTENT_LINK},
    {"a link to be fetched ahead", "<a href=\"https://x.test/\" rel=\"prefetch\">x</a>", CONTENT_LINK_TYPE},
    {"a link to be rendered ahead", "<a href=\"https://x.test/\" rel=\"noopener Prerender\">x</a>", CONTENT_LINK_TYPE},
    {"the next page", "<a href=\"https://x.test/\" rel=next>x</a>", CONTENT_LINK_TYPE},
    {"a link to a part", "<a href=\"cid:a\">x</a>", CONTENT_LINK},
    {"a link without slashes", "<a href=\"https:x.test\">x</a>", CONTENT_LINK},
    {"a link with backslashes", "<a href=\"https:\\\\x.test\\\">x</a>", CONTENT_LINK},
    {"a link with a line end", "<a href=\"https://x.test/a\nb\">x</a>", CONTENT_LINK},
    {"a scheme with a dotless letter", "<a href=\"http\xc5\xbf://x.test/\">x</a>", CONTENT_LINK},
    /* elements */
    {"script", "<script>x</script>", CONTENT_ELEMENT},
    {"script with a source", "<script src=\"http://x.test/\"></script>", CONTENT_ELEMENT},
    {"script in capitals", "<SCRIPT>x</SCRIPT>", CONTENT_ELEMENT},
    {"iframe", "<iframe src=\"http://x.test/\"></iframe>", CONTENT_ELEMENT},
    {"iframe with srcdoc", "<iframe srcdoc=\"<img src=x>\"></iframe>", CONTENT_ELEMENT},
    {"frameset", "<frameset><frame src=\"http://x.test/\"></frameset>", CONTENT_ELEMENT},
    {"object", "<object data=\"http://x.test/\"></object>", CONTENT_ELEMENT},
    {"embed", "<embed src=\"http://x.test/\">", CONTENT_ELEMENT},
    {"applet", "<applet code=x></applet>", CONTENT_ELEMENT},
    {"link to a style sheet", "<link rel=stylesheet href=\"http://x.test/\">", CONTENT_ELEMENT},
    {"link to prefetch", "<link rel=dns-prefetch href=\"//x.test\">", CONTENT_ELEMENT},
    {"link to preload a picture", "<link rel=preload as=image href=\"http://x.test/p.gif\">", CONTENT_ELEMENT},
    {"link to preload by imagesrcset", "<link rel=preload as=image imagesrcset=\"http://x.test/p.gif 1x\">",
     CONTENT_ELEMENT},
    {"link to preload a module", "<link rel=modulepreload href=\"http://x.test/\">", CONTENT_ELEMENT},
    {"link to connect ahead", "<link rel=preconnect href=\"http://x.test\">", CONTENT_ELEMENT},
    {"link to an icon", "<link rel=\"shortcut icon\" href=\"http://x.test/\">", CONTENT_ELEMENT},
    {"link of microdata", "<link itemprop=url href=\"http://x.test/\">", CONTENT_ELEMENT},
    {"base with a target alone", "<base target=_blank>", CONTENT_ELEMENT},
    {"JSON-LD", "<script type=\"application/ld+json\">{\"image\":\"http://x.test/\"}</script>", CONTENT_ELEMENT},
    {"a video's sources", "<video><source src=\"http://x.test/\"></video>", CONTENT_ELEMENT},
    {"a shadow root", "<template shadowrootmode=open><img src=http://x.test/></template>", CONTENT_ELEMENT},
    {"a portal", "<portal src=\"http://x.test/\"></portal>", CONTENT_ELEMENT},
    {"a fenced frame", "<fencedframe src=\"http://x.test/\"></fencedframe>", CONTENT_ELEMENT},
    {"a layer", "<layer src=\"http://x.test/\"></layer>", CONTENT_ELEMENT},
    {"a keygen", "<keygen>", CONTENT_ELEMENT},
    {"a menu item's icon", "<menuitem icon=\"http://x.test/\">", CONTENT_ELEMENT},
    {"a comment element", "<comment><img src=http://x.test/></comment>", CONTENT_ELEMENT},
    {"a style in noscript", "<noscript><style>@import 'x'</style></noscript>", CONTENT_ELEMENT},
    {"a use of svg", "<svg><use href=\"http://x.test/#a\"/></svg>", CONTENT_ELEMENT},
    {"a filter of svg", "<svg><feImage xlink:href=\"http://x.test/\"/></svg>", CONTENT_ELEMENT},
    {"a prefixed image of svg", "<svg:image xlink:href=\"http://x.test/\"/>", CONTENT_ELEMENT},
    {"math with a link", "<math href=\"http://x.test/\">x</math>", CONTENT_ELEMENT},
    {"AMP's preloaded list", "<amp-list src=\"https://x.test/\"></amp-list>", CONTENT_ELEMENT},
    {"a place of Office", "<st1:place>x</st1:place>", CONTENT_ELEMENT},
    {"base", "<base href=\"http://x.test/\">", CONTENT_ELEMENT},
    {"video", "<video poster=\"http://x.test/\"></video>", CONTENT_ELEMENT},
    {"audio", "<audio src=\"http://x.test/\" autoplay></audio>", CONTENT_ELEMENT},
    {"track", "<track src=\"http://x.test/\">", CONTENT_ELEMENT},
    {"bgsound", "<bgsound src=\"http://x.test/\">", CONTENT_ELEMENT},
    {"input with a picture", "<input type=image src=\"http://x.test/\">", CONTENT_ELEMENT},
    {"form", "<form action=\"http://x.test/\"></form>", CONTENT_ELEMENT},
    {"button", "<button formaction=\"http://x.test/\">x</button>", CONTENT_ELEMENT},
    {"select hides a picture", "<select><img src=\"http://x.test/\"></select>", CONTENT_ELEMENT},
    {"textarea", "<textarea></textarea>", CONTENT_ELEMENT},
    {"svg", "<svg><image href=\"http://x.test/\"/></svg>", CONTENT_ELEMENT},
    {"svg style hides a picture", "<svg><style><img src=http://x.test/></style></svg>", CONTENT_ELEMENT},
    {"svg with CDATA", "<svg><![CDATA[<img src=x>]]></svg>", CONTENT_ELEMENT},
    {"math", "<math><mtext></mtext></math>", CONTENT_ELEMENT},
    {"template", "<template><img src=x></template>", CONTENT_ELEMENT},
    {"noscript", "<noscript><img src=\"http://x.test/\"></noscript>", CONTENT_ELEMENT},
    {"noembed", "<noembed><img src=x></noembed>", CONTENT_ELEMENT},
    {"xmp", "<xmp></xmp>", CONTENT_ELEMENT},
    {"plaintext", "<plaintext>", CONTENT_ELEMENT},
    {"isindex", "<isindex>", CONTENT_ELEMENT},
    {"marquee", "<marquee>", CONTENT_ELEMENT},
    {"a custom element", "<x-y>", CONTENT_ELEMENT},
    {"an unknown end tag", "</x-y>", CONTENT_ELEMENT},
    {"AMP", "<amp-img src=\"http://x.test/\"></amp-img>", CONTENT_ELEMENT},
    {"an XML inclusion", "<xi:include href=\"http://x.test/\"/>", CONTENT_ELEMENT},
    {"a namespaced twin of VML", "<html xmlns:x=\"urn:schemas-microsoft-com:vml\"><x:fill src=\"http://x.test/\"/>",
     CONTENT_ELEMENT},
    {"a name with a control character", "<im\001g src=x>", CONTENT_CONTROL},
    {"a name beyond ASCII", "<\xc4\xb1mg src=x>x<i\xcc\x87mg>", CONTENT_ELEMENT},
    {"a very long name", "<imgimgimgimgimgimgimgimgimgimgimgimgimgimgimgimg>", CONTENT_ELEMENT},
    /* meta */
    {"refresh", "<meta http-equiv=refresh content=\"0;url=http://x.test/\">", CONTENT_META},
    {"refresh with entities", "<meta http-equiv=\"&#114;efresh\" content=\"0;url=http://x.test/\">", CONTENT_META},
    {"refresh in capitals", "<META CONTENT=\"0;url=http://x.test/\" HTTP-EQUIV=REFRESH>", CONTENT_META},
    {"a link by meta", "<meta http-equiv=Link content=\"<http://x.test/>;rel=stylesheet\">", CONTENT_META},
    {"a policy by meta", "<meta http-equiv=content-security-policy content=\"report-uri http://x.test/\">",
     CONTENT_META},
    {"set-cookie", "<meta http-equiv=set-cookie content=x>", CONTENT_META},
    {"refresh with a blank", "<meta http-equiv=\"Refresh \" content=\"0;url=http://x.test/\">", CONTENT_META},
    {"DNS ahead", "<meta http-equiv=x-dns-prefetch-control content=on>", CONTENT_META},
    {"a default style", "<meta http-equiv=default-style content=\"http://x.test/\">", CONTENT_META},
    {"a picture for cards", "<meta name=\"twitter:image\" content=\"http://x.test/\">", CONTENT_META},
    {"a configuration", "<meta name=msapplication-config content=\"http://x.test/\">", CONTENT_META},
    {"utf-7", "<meta charset=utf-7>", CONTENT_META},
    {"utf-16 by content", "<meta http-equiv=content-type content=\"text/html; charset=utf-16\">", CONTENT_META},
    {"another type by content", "<meta http-equiv=content-type content=\"image/svg+xml\">", CONTENT_META},
    {"an unknown meta name", "<meta name=msapplication-TileImage content=\"http://x.test/\">", CONTENT_META},
    {"og:image", "<meta property=\"og:image\" content=\"http://x.test/\">", CONTENT_META},
    /* style */
    {"url in a style attribute", "<p style=\"background:url(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"url to cid", "<p style=\"background:url(cid:x)\">", CONTENT_STYLE_FUNCTION},
    {"url with entities", "<p style=\"background:ur&#108;(x)\">", CONTENT_STYLE_FUNCTION},
    {"url with &lpar;", "<p style=\"background:url&lpar;x&rpar;\">", CONTENT_STYLE_FUNCTION},
    {"url with &bsol;", "<p style=\"background:ur&bsol;6c(x)\">", CONTENT_STYLE_FUNCTION},
    {"url with a CSS escape", "<p style=\"background:u\\72l(x)\">", CONTENT_STYLE_FUNCTION},
    {"url behind an entity quote", "<p style=\"a:&quot;x&quot;;b:url(x)\">", CONTENT_STYLE_FUNCTION},
    {"image-set", "<p style=\"background:image-set('x' 1x)\">", CONTENT_STYLE_FUNCTION},
    {"src", "<p style=\"background:src('x')\">", CONTENT_STYLE_FUNCTION},
    {"image-set with a prefix", "<p style=\"background:-webkit-image-set('x' 1x)\">", CONTENT_STYLE_FUNCTION},
    {"image-set of a variable", "<p style=\"--a:'http://x.test/';background:image-set(var(--a) 1x)\">",
     CONTENT_STYLE_FUNCTION},
    {"src of a variable", "<p style=\"--a:'http://x.test/';background:src(var(--a))\">", CONTENT_STYLE_FUNCTION},
    {"attr", "<p data-x=\"http://x.test/\" style=\"background:attr(data-x type(<url>))\">", CONTENT_STYLE_FUNCTION},
    {"cross-fade", "<p style=\"background:cross-fade('x','y')\">", CONTENT_STYLE_FUNCTION},
    {"element", "<p style=\"background:element(#x)\">", CONTENT_STYLE_FUNCTION},
    {"paint", "<p style=\"background:paint(x)\">", CONTENT_STYLE_FUNCTION},
    {"a cursor", "<p style=\"cursor:url(http://x.test/),auto\">", CONTENT_STYLE_FUNCTION},
    {"a list's picture", "<ul style=\"list-style-image:url(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"a border's picture", "<p style=\"border-image:url(http://x.test/) 30\">", CONTENT_STYLE_FUNCTION},
    {"content", "<p style=\"content:url(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"a mask", "<p style=\"-webkit-mask:url(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"a filter of Explorer",
     "<p style=\"filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='http://x.test/')\">",
     CONTENT_STYLE_FUNCTION},
    {"a filter of Explorer in a string",
     "<p style=\"-ms-filter:'progid:DXImageTransform.Microsoft.AlphaImageLoader(src=http://x.test/)'\">",
     CONTENT_STYLE_PROPERTY},
    {"the same with an escape", "<p style=\"-ms-f\\69lter:'progid:x'\">", CONTENT_STYLE_PROPERTY},
    {"url in capitals", "<p style=\"background:URL(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"url with long escapes", "<p style=\"background:\\000075\\000072\\00006c(x)\">", CONTENT_STYLE_FUNCTION},
    {"url with an escaped line end", "<p style=\"background:u\\\nrl(x)\">", CONTENT_STYLE_BROKEN},
    {"url, a comment, a bracket", "<p style=\"background:url/**/(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"url behind a comment", "<p style=\"background:/**/url(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"url cut by a comment", "<p style=\"background:u/**/rl(http://x.test/)\">", CONTENT_STYLE_FUNCTION},
    {"url without end", "<p style=\"background:url( http://x.test/\">", CONTENT_STYLE_FUNCTION},
    {"url without quotes around it", "<p style=background:url(http://x.test/)>", CONTENT_STYLE_FUNCTION},
    {"url in wide letters", "<p style=\"background:\xef\xbd\x95rl(x)\">", CONTENT_STYLE_FUNCTION},
    {"expression", "<p style=\"width:expression(x)\">", CONTENT_STYLE_FUNCTION},
    {"behavior", "<p style=\"behavior:x\">", CONTENT_STYLE_PROPERTY},
    {"binding", "<p style=\"-moz-binding:x\">", CONTENT_STYLE_PROPERTY},
    {"an unclosed comment in style", "<p style=\"a:b/*\">", CONTENT_STYLE_UNCLOSED},
    {"an unclosed string in style", "<p style=\"a:'b\">", CONTENT_STYLE_UNCLOSED},
    {"a bracket too many", "<p style=\"a:b}*{c:d\">", CONTENT_STYLE_BROKEN},
    {"an unknown entity in style", "<p style=\"a:&foo;\">", CONTENT_REFERENCE},
    {"import in a style element", "<style>@import 'http://x.test/';</style>", CONTENT_STYLE_AT_RULE},
    {"import with an escape", "<style>@\\69mport 'x';</style>", CONTENT_STYLE_AT_RULE},
    {"import in a comment of old", "<style><!-- @import 'x'; --></style>", CONTENT_STYLE_AT_RULE},
    {"font-face", "<style>@font-face{font-family:x;src:url(http://x.test/)}</style>", CONTENT_STYLE_AT_RULE},
    {"import without blank", "<style>@import\"http://x.test/\";</style>", CONTENT_STYLE_AT_RULE},
    {"import in a media query", "<style>@media screen{@import 'x';}</style>", CONTENT_STYLE_AT_RULE},
    {"a charset", "<style>@charset \"utf-7\";</style>", CONTENT_STYLE_AT_RULE},
    {"a namespace", "<style>@namespace url(http://x.test/);</style>", CONTENT_STYLE_AT_RULE},
    {"a document rule", "<style>@-moz-document url-prefix(){a{}}</style>", CONTENT_STYLE_AT_RULE},
    {"a property rule", "<style>@property --x{initial-value:url(x)}</style>", CONTENT_STYLE_AT_RULE},
    {"a counter style", "<style>@counter-style x{symbols:url(http://x.test/)}</style>", CONTENT_STYLE_AT_RULE},
    {"a page's background", "<style>@page{background:url(http://x.test/)}</style>", CONTENT_STYLE_FUNCTION},
    {"a question about url", "<style>@supports (background:url(x)){a{b:c}}</style>", CONTENT_STYLE_FUNCTION},
    {"a style that ends in a string", "<style>a{b:'</style><img src=http://x.test/>'}</style>", CONTENT_IMAGE},
    {"a style that ends in a comment", "<style>/*</style><img src=http://x.test/>*/</style>", CONTENT_IMAGE},
    {"url in a style element", "<style>a{b:url(x)}</style>", CONTENT_STYLE_FUNCTION},
    {"url in a media query", "<style>@media screen{a{b:url(x)}}</style>", CONTENT_STYLE_FUNCTION},
    {"a picture in a style element", "<style><img src=x></style>", CONTENT_STYLE_MARKUP},
    {"a style that ends early", "<style>a{}</style ><img src=http://x.test/></style>", CONTENT_IMAGE},
    {"an unclosed style element", "<style>a{b:c}", CONTENT_UNCLOSED},
    {"a style of another type", "<style type=text/less>a{}</style>", CONTENT_STYLE_TYPE},
    {"a style on html", "<html style=\"background:url(x)\">", CONTENT_STYLE_FUNCTION},
    {"a style on br", "<br style=\"background:url(x)\">", CONTENT_STYLE_FUNCTION},
    {"two styles", "<p style=\"a:b\" style=\"c:url(x)\">", CONTENT_STYLE_FUNCTION},
    {"url behind NBSP", "<p style=\"b:\xc2\xa0url(x)\">", CONTENT_STYLE_FUNCTION},
    /* comments and conditionals */
    {"a comment that ends at once", "<!--><img src=http://x.test/>-->", CONTENT_COMMENT},
    {"a comment that ends with a dash", "<!---><img src=http://x.test/>-->", CONTENT_COMMENT},
    {"a comment that ends with a bang", "<!-- --!><img src=http://x.test/>-->", CONTENT_COMMENT},
    {"a comment with dashes and a space", "<!-- -- ><img src=http://x.test/>-->", CONTENT_COMMENT},
    {"a comment in a comment", "<!-- <!-- --> <img src=http://x.test/> -->", CONTENT_COMMENT},
    {"an unclosed comment", "<!-- <img src=http://x.test/>", CONTENT_UNCLOSED},
    {"an unclosed conditional", "<!--[if mso]><img src=http://x.test/>", CONTENT_UNCLOSED},
    {"a picture for Outlook", "<!--[if mso]><img src=\"http://x.test/\"><![endif]-->", CONTENT_IMAGE},
    {"a picture for Outlook in capitals", "<!--[IF GTE MSO 9]><IMG SRC=\"http://x.test/\"><![ENDIF]-->", CONTENT_IMAGE},
    {"a picture for Outlook after a blank", "<!-- [if mso]><img src=\"http://x.test/\"><![endif]-->", CONTENT_IMAGE},
    {"a picture for all but Outlook", "<!--[if !mso]><!--><img src=\"http://x.test/\"><!--<![endif]-->", CONTENT_IMAGE},
    {"a picture in a revealed conditional", "<![if !mso]><img src=\"http://x.test/\"><![endif]>", CONTENT_IMAGE},
    {"a link to a style sheet for Outlook", "<!--[if mso]><link rel=stylesheet href=\"http://x.test/\"><![endif]-->",
     CONTENT_ELEMENT},
    {"a conditional in a conditional", "<!--[if mso]><!--[if mso]><img src=http://x.test/><![endif]--><![endif]-->",
     CONTENT_COMMENT},
    {"a comment in a conditional", "<!--[if mso]><!-- --><img src=http://x.test/><![endif]-->", CONTENT_IMAGE},
    {"a style sheet for Outlook", "<!--[if mso]><style>@import 'x';</style><![endif]-->", CONTENT_STYLE_AT_RULE},
    {"a picture in a conditional noscript", "<!--[if mso]><noscript><img src=http://x.test/></noscript><![endif]-->",
     CONTENT_IMAGE},
    {"a noscript that ends in an attribute",
     "<!--[if mso]><noscript><p title=\"</noscript><img src=http://x.test/>\"></p></noscript><![endif]-->",
     CONTENT_UNCLOSED},
    {"a noscript that ends in a style",
     "<!--[if mso]><noscript><style></noscript><img src=http://x.test/></style></noscript><![endif]-->",
     CONTENT_UNCLOSED},
    {"a noscript in a noscript", "<!--[if mso]><noscript><noscript><p></noscript></noscript><![endif]-->",
     CONTENT_UNCLOSED},
    {"a noscript without end", "<!--[if mso]><noscript><xml></xml><![endif]-->", CONTENT_UNCLOSED},
    {"a noscript whose end has a blank", "<!--[if mso]><noscript><xml></xml></noscript ><![endif]-->",
     CONTENT_UNCLOSED},
    {"a noscript with an attribute", "<!--[if mso]><noscript class=x></noscript><![endif]-->", CONTENT_ELEMENT},
    {"a noscript after a conditional", "<!--[if mso]><p><![endif]--><noscript></noscript>", CONTENT_ELEMENT},
    {"an unclosed tag in a conditional", "<!--[if mso]><p <![endif]-->", CONTENT_UNCLOSED},
    {"an unclosed style in a conditional", "<!--[if mso]><style>a{}<![endif]-->", CONTENT_UNCLOSED},
    {"a conditional without end", "<!--[if mso]><p>-->", CONTENT_CONDITIONAL},
    {"a conditional without condition", "<!--[if]><p><![endif]-->", CONTENT_CONDITIONAL},
    {"a conditional with a strange condition", "<!--[if mso=\"9\"]><p><![endif]-->", CONTENT_CONDITIONAL},
    {"a conditional in the middle of a comment", "<!-- x [if mso]><img src=http://x.test/><![endif]-->",
     CONTENT_CONDITIONAL},
    {"a bracket at a comment's start", "<!--[x]-->", CONTENT_CONDITIONAL},
    {"the end of a conditional in a value",
     "<!--[if !mso]><!--><p title=\"<![endif]--><img src=http://x.test/>\">x</p><!--<![endif]-->", CONTENT_RAW_MARKUP},
    {"the end of a conditional in a value inside it",
     "<!--[if lt mso 9]><p title='<![ENDIF]><img src=http://x.test/>'>x</p><![endif]-->", CONTENT_RAW_MARKUP},
    {"the end of a conditional in a link", "<a href=\"https://x.test/<![endif]--><img src=http://x.test/>\">x</a>",
     CONTENT_RAW_MARKUP},
    {"the start of a conditional in a value", "<p title=\"<!--[if mso]>\">", CONTENT_RAW_MARKUP},
    {"the end of a conditional in a style's string",
     "<!--[if !mso]><!--><style>a{content:\"<![endif]--><img src=http://x.test/>\"}</style><!--<![endif]-->",
     CONTENT_STYLE_MARKUP},
    {"the end of a conditional in a style's comment",
     "<!--[if !mso]><!--><style>/* <![endif]--><img src=http://x.test/> */</style><!--<![endif]-->",
     CONTENT_STYLE_MARKUP},
    {"the start of a conditional in a style", "<style><!--[if mso]>a{}</style>", CONTENT_STYLE_MARKUP},
    {"a bracket before a comment", "<<!-- x -->img src=http://x.test/>", CONTENT_RAW_MARKUP},
    {"a bracket before a tag", "<<b>img src=http://x.test/></b>", CONTENT_RAW_MARKUP},
    {"a bracket before the end of a conditional", "<!--[if mso]>a <<![endif]-->img src=http://x.test/>",
     CONTENT_RAW_MARKUP},
    {"CDATA", "<![CDATA[<img src=\"http://x.test/\">]]>", CONTENT_DECLARATION},
    {"a processing instruction", "<?xml-stylesheet href=\"http://x.test/\"?>", CONTENT_DECLARATION},
    {"an import for old programs", "<?import namespace=\"v\" implementation=\"http://x.test/\"?>", CONTENT_DECLARATION},
    {"PHP", "<?php x ?>", CONTENT_DECLARATION},
    {"an entity declaration", "<!ENTITY x SYSTEM \"http://x.test/\">", CONTENT_DECLARATION},
    {"a doctype with declarations", "<!DOCTYPE html [<!ENTITY x SYSTEM \"http://x.test/\">]>", CONTENT_DECLARATION},
    {"an unclosed doctype", "<!DOCTYPE html", CONTENT_DECLARATION},
    {"an end tag without name", "</ img>", CONTENT_DECLARATION},
    /* VML */
    {"v:fill with a remote picture",
     "<!--[if mso]><v:rect><v:fill type=\"tile\" src=\"http://x.test/\"/></v:rect><![endif]-->", CONTENT_IMAGE},
    {"v:fill outside a conditional", "<v:fill src=\"http://x.test/\"/>", CONTENT_IMAGE},
    {"v:imagedata with a remote picture",
     "<!--[if mso]><v:shape><v:imagedata src=\"https://x.test/\"/></v:shape><![endif]-->", CONTENT_IMAGE},
    {"v:imagedata with o:href", "<!--[if mso]><v:imagedata src=\"cid:a\" o:href=\"http://x.test/\"/><![endif]-->",
     CONTENT_ATTRIBUTE},
    {"v:fill with o:althref", "<v:fill o:althref=\"http://x.test/\"/>", CONTENT_ATTRIBUTE},
    {"v:fill with a share", "<v:fill src=\"\\\\x.test\\share\\p.gif\"/>", CONTENT_IMAGE},
    {"v:textpath with a source", "<v:textpath string=\"x\" src=\"http://x.test/\"/>", CONTENT_ATTRIBUTE},
    {"v:shape with o:href", "<v:shape o:href=\"http://x.test/\">", CONTENT_ATTRIBUTE},
    {"a smart tag", "<o:smarttagtype downloadurl=\"http://x.test/\"/>", CONTENT_ELEMENT},
    {"Word's data", "<w:binData w:name=\"http://x.test/\"/>", CONTENT_ELEMENT},
    {"v:image", "<v:image src=\"http://x.test/\"/>", CONTENT_IMAGE},
    {"v:background with a fill", "<v:background fill=\"t\"><v:fill src=\"http://x.test/\"/></v:background>",
     CONTENT_IMAGE},
    {"v:stroke with a picture", "<v:stroke src=\"http://x.test/\"/>", CONTENT_ATTRIBUTE},
    {"v:shape of a remote type", "<v:shape type=\"http://x.test/#t\"/>", CONTENT_FRAGMENT},
    {"v:rect with javascript", "<v:rect href=\"javascript:x\"/>", CONTENT_LINK},
    {"v:rect with a style", "<v:rect style=\"behavior:url(#default#VML)\"/>", CONTENT_STYLE_PROPERTY},
    {"an OLE object", "<o:OLEObject src=\"http://x.test/\"/>", CONTENT_ELEMENT},
    {"a font of Word", "<w:font w:name=\"x\"/>", CONTENT_ELEMENT},
    /* tags that programs read differently */
    {"an unclosed tag", "<p class=\"x\"", CONTENT_UNCLOSED},
    {"an unclosed attribute", "<a href=\"https://x.test/>y</a>", CONTENT_UNCLOSED},
    {"no space between attributes", "<a href=\"https://x.test/\"class=\"x\">y</a>", CONTENT_AMBIGUOUS},
    {"an equals sign in an unquoted value", "<a href=https://x.test/?a=b>y</a>", CONTENT_AMBIGUOUS},
    {"a backtick in an unquoted value", "<p title=`x`>", CONTENT_AMBIGUOUS},
    {"a quote in a name", "<p \"x\">", CONTENT_AMBIGUOUS},
    {"a tag in a tag", "<p <img src=x>", CONTENT_AMBIGUOUS},
    {"an end tag with attributes", "</p style=\"x\">", CONTENT_AMBIGUOUS},
    {"a tag in a title", "<title><img src=\"http://x.test/\"></title>", CONTENT_RAW_MARKUP},
    {"an unclosed title", "<title>x<img src=cid:x>", CONTENT_UNCLOSED},
    {"an escape character", "\033(J", CONTENT_CONTROL},
    {"a vertical tab", "<p>\v</p>", CONTENT_CONTROL},
    {"a bare CR", "<p>a\rb</p>", CONTENT_CONTROL},
    {"not UTF-8", "<p>\xe4</p>", CONTENT_CHARSET},
    {"overlong UTF-8", "<p>\xc0\xbcimg</p>", CONTENT_CHARSET},
    {"UTF-16's mark", "\xff\xfe<p>", CONTENT_CHARSET},
};

static const struct html_case ordinary[] = {
    {"nothing", "", 0},
    {"text", "Guten Tag, <b>Frau Müller</b>!<br>\r\nEin Satz mit a < b &amp; c &foo; &euro;", 0},
    {"a document",
     "<!DOCTYPE html><html lang=\"de\"><head><meta charset=\"utf-8\"><title>Umfrage "
     "&lt;1&gt;</title></head><body></body></html>",
     0},
    {"a DTD's name",
     "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" "
     "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\"><p>",
     0},
    {"an XML declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><p>", 0},
    {"namespaces",
     "<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:v=\"urn:schemas-microsoft-com:vml\" "
     "xmlns:o=\"urn:schemas-microsoft-com:office:office\">",
     0},
    {"metas",
     "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><meta name=\"viewport\" "
     "content=\"width=device-width\"><meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\"><meta "
     "name=\"x-apple-disable-message-reformatting\"><meta name=\"color-scheme\" content=\"light dark\">",
     0},
    {"content IDs", "<img src=\"cid:image001.png@01D9ABCD.12345678\"><img src=\"cid:ii_lx%2Bx@mail.example\">", 0},
    {"attributes at places of their own",
     "<style type=\"text/css\" rel=\"stylesheet\">a{}</style><td cellpadding=\"0\" cellspacing=\"0\"><a alt=\"x\" "
     "border=0 "
     "bgcolor=\"#eee\" height=\"40\" href=\"https://x.test/\">x</a><div border=\"0\"></div></td>",
     0},
    {"brackets in text", "a << b <b>5 < 6</b> <", 0},
    {"words about the page", "<meta property=\"og:title\" content=\"Umfrage\"><meta property=og:locale content=de_DE>",
     0},
    {"a style sheet in a comment", "<style><!-- a{color:red} --></style>", 0},
    {"markup in a value", "<p title=\"<b>x</b> <!-- y -->\">", 0},
    {"VML's picture",
     "<!--[if mso]><v:image src=\"cid:a\" style=\"width:600px\" fillcolor=\"#222222\" stroked=\"f\"/><![endif]-->", 0},
    {"words about a link",
     "<a href=\"https://x.test/\" rel=\"noopener noreferrer\">x</a><a href=\"https://x.test/\" rel=\" NoFollow\">y</a>",
     0},
    {"links",
     "<a href=\"https://x.test/?a=1&b=2&amp;c=3#d\" target=\"_blank\" rel=\"noopener\">x</a><a "
     "href=\"HTTP://x.test\">y</a><a href=\" https://x.test/ \">z</a>",
     0},
    {"other links",
     "<a href=\"mailto:a@x.test?subject=Guten%20Tag\">x</a><a href=\"mailto:?subject=x\">y</a><a "
     "href=\"tel:+49301234\">z</a><a href=\"#top\">o</a><a name=\"top\"></a>",
     0},
    {"a link with umlauts", "<a href=\"https://müller.example/straße\">x</a>", 0},
    {"text about URLs", "<p>Bilder von http://x.test/p.gif laden wir nie: url(x), @import 'x', javascript:alert(1)</p>",
     0},
    {"text about tags", "<p>&lt;img src=\"http://x.test/\"&gt;</p>", 0},
    {"an attribute about URLs", "<p title=\"http://x.test/ url(x)\">x</p><img src=\"cid:a\" alt=\"http://x.test/\">",
     0},
    {"pictures",
     "<img src=\"cid:logo@x.test\" alt=\"Logo\" width=\"100\" style=\"display:block;border:0\"><img src=cid:a><img "
     "src=\"CID:b\">",
     0},
    {"data pictures", "<img src=\"data:image/png;base64," PNG "\" alt=\"\"><img src=\"data:image/gif;base64," GIF "\">",
     0},
    {"an image map",
     "<img src=\"cid:a\" usemap=\"#m\"><map name=\"m\"><area shape=\"rect\" coords=\"0,0,1,1\" "
     "href=\"https://x.test/\" alt=\"\"></map>",
     0},
    {"a table",
     "<table role=\"presentation\" width=\"100%\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\" bgcolor=\"#ffffff\" "
     "align=\"center\"><tbody><tr><td align=\"left\" valign=\"top\" colspan=\"2\" nowrap style=\"padding:0 "
     "10px\">x</td></tr></tbody></table>",
     0},
    {"old elements", "<center><font face=\"Arial\" size=\"2\" color=\"#333\">x<hr noshade size=1></font></center>", 0},
    {"lists", "<ul type=\"disc\"><li>a<li>b</ul><ol start=\"3\"><li value=\"5\">c</ol><dl><dt>d<dd>e</dl>", 0},
    {"data and aria", "<p data-x=\"http://x.test/\" aria-hidden=\"true\" aria-label=\"x\">x</p>", 0},
    {"style",
     "<style type=\"text/css\">body{margin:0}@media (prefers-color-scheme:dark){.a{color:#fff!important}}</style><p "
     "style=\"font-family:&quot;Segoe UI&quot;,Arial\">x</p>",
     0},
    {"entities are no entities in a style element", "<style>a{b:ur&#108;(x)}</style>", 0},
    {"a selector about URLs", "<style>a[href^='http']{color:red}@media/* x */ screen{a{b:c}}</style>", 0},
    {"a comment", "<!-- Kopf --><p>x</p><!-- <img src=\"http://x.test/\"> --><!---->", 0},
    {"a conditional",
     "<!--[if mso]><table><tr><td width=\"600\"><![endif]--><div>x</div><!--[if mso]></td></tr></table><![endif]-->",
     0},
    {"a conditional with an expression", "<!--[if (gte mso 9)|(IE)]><p>x</p><![endif]-->", 0},
    {"a revealed conditional",
     "<!--[if !mso]><!--><p>x</p><!--<![endif]--><!--[if !mso]> <!-- --><p>y</p><!-- <![endif]-->", 0},
    {"a revealed conditional of another form",
     "<!--[if !mso]>--><p>x</p><!--<![endif]--><!--[if !mso]><!----><p>y</p><!--<![endif]-->", 0},
    {"a revealed conditional without comment", "<![if !mso]><p>x</p><![endif]><!--[if !mso]><!--><p></p><![endif]-->",
     0},
    {"settings for Outlook",
     "<!--[if gte mso "
     "9]><xml><o:OfficeDocumentSettings><o:AllowPNG/><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></"
     "xml><![endif]-->",
     0},
    {"settings for Outlook as MJML writes them",
     "<!--[if mso]><noscript><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml></noscript>"
     "<![endif]-->",
     0},
    {"settings for Word",
     "<!--[if gte mso "
     "9]><xml><w:WordDocument><w:View>Normal</w:View><w:Zoom>0</w:Zoom><w:DoNotOptimizeForBrowser/></w:WordDocument></"
     "xml><![endif]-->",
     0},
    {"a VML button",
     "<!--[if mso]><v:roundrect xmlns:v=\"urn:schemas-microsoft-com:vml\" "
     "xmlns:w=\"urn:schemas-microsoft-com:office:word\" href=\"https://x.test/\" "
     "style=\"height:40px;v-text-anchor:middle;width:200px;\" arcsize=\"10%\" strokecolor=\"#1e3650\" "
     "fillcolor=\"#556270\"><w:anchorlock/><center style=\"color:#ffffff;\">Zur "
     "Umfrage</center></v:roundrect><![endif]-->",
     0},
    {"a VML background",
     "<!--[if gte mso 9]><v:rect fill=\"true\" stroke=\"false\" style=\"width:600px;height:200px;\"><v:fill "
     "type=\"tile\" src=\"cid:back\" color=\"#7bceeb\"/><v:textbox inset=\"0,0,0,0\"><![endif]--><div>x</div><!--[if "
     "gte mso 9]></v:textbox></v:rect><![endif]-->",
     0},
    {"Outlook's paragraphs", "<p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p>", 0},
    {"unclosed elements", "<p>a<p>b<table><tr><td>c", 0},
    {"a bidirectional text", "<bdo dir=\"rtl\">x</bdo><span dir=\"ltr\" lang=\"en\">y</span>", 0},
    {"a stray less-than", "1 < 2, <3, a<", 0},
    {"an unquoted value", "<td width=100% align=center>", 0},
};

static enum content_reason first_reason(const char *html, GPtrArray *findings)
{
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    gboolean passed = content_check_html(slice_of(html), &options, findings);
    g_assert_cmpint(passed, ==, findings->len == 0);
    g_assert_cmpint(passed, ==, content_check_html(slice_of(html), &options, NULL));
    if (passed)
        return CONTENT_REASONS;
    return ((struct content_finding *)g_ptr_array_index(findings, 0))->reason;
}

static gboolean has_reason(GPtrArray *findings, enum content_reason reason)
{
    for (guint i = 0; i < findings->len; i++)
        if (((struct content_finding *)g_ptr_array_index(findings, i))->reason == reason)
            return TRUE;
    return FALSE;
}

static void test_evasions(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(evasions); i++) {
        g_autoptr(GPtrArray) findings = content_findings_new();
        g_test_message("%s", evasions[i].name);
        g_assert_cmpint(first_reason(evasions[i].html, findings), !=, CONTENT_REASONS);
        if (!has_reason(findings, evasions[i].reason))
            g_error("%s: refused for another reason: %s", evasions[i].name,
                    content_reason_name(((struct content_finding *)g_ptr_array_index(findings, 0))->reason));
    }
}

static void test_ordinary(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ordinary); i++) {
        g_autoptr(GPtrArray) findings = content_findings_new();
        g_test_message("%s", ordinary[i].name);
        if (first_reason(ordinary[i].html, findings) != CONTENT_REASONS) {
            g_autofree char *text = content_finding_text(g_ptr_array_index(findings, 0));
            g_error("%s: %s", ordinary[i].name, text);
        }
    }
}

/* Every evasion stays one inside Outlook's comments and beside other text. */
static void test_wrapped(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(evasions); i++) {
        g_autoptr(GPtrArray) findings = content_findings_new();
        g_autofree char *in_outlook = g_strconcat("<p>x<!--[if mso]>", evasions[i].html, "<![endif]-->", NULL);
        g_test_message("%s", evasions[i].name);
        g_assert_cmpint(first_reason(in_outlook, findings), !=, CONTENT_REASONS);
    }
}

static void test_nul(void)
{
    static const char text[] = "<im\0g src=cid:x>";
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_assert_false(content_check_html((struct slice){text, sizeof text - 1}, &options, NULL));
}

static void test_finding(void)
{
    static const char html[] = "<p>\n<td\n style='x:y' background=\"a\002\u202eb\xc3\xa4\">";
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_autoptr(GPtrArray) findings = content_findings_new();
    g_assert_false(content_check_html(slice_of(html), &options, findings));
    g_assert_cmpuint(findings->len, ==, 2);
    const struct content_finding *finding = g_ptr_array_index(findings, 1);
    g_assert_cmpint(finding->reason, ==, CONTENT_ATTRIBUTE);
    g_assert_null(finding->part);
    g_assert_cmpuint(finding->line, ==, 3);
    g_assert_cmpstr(finding->element, ==, "td");
    g_assert_cmpstr(finding->attribute, ==, "background");
    g_assert_cmpstr(finding->value, ==, "a\\x02\\xe2\\x80\\xaebä");
    g_autofree char *text = content_finding_text(finding);
    g_assert_cmpstr(text, ==,
                    "line 3: <td background=\"a\\x02\\xe2\\x80\\xaebä\">: this attribute is not allowed on this "
                    "element; take it out");
}

static void test_limit(void)
{
    g_autoptr(GString) html = g_string_new(NULL);
    for (int i = 0; i < 50; i++)
        g_string_append(html, "<blink style=\"a:url(x)\">");
    struct content_options options = {.max_message = 100, .max_findings = 7};
    g_autoptr(GPtrArray) findings = content_findings_new();
    g_assert_false(content_check_html(slice_of(html->str), &options, findings));
    g_assert_cmpuint(findings->len, ==, 7);
}

static void test_reasons(void)
{
    for (int i = 0; i < CONTENT_REASONS; i++) {
        g_assert_nonnull(content_reason_name((enum content_reason)i));
        g_assert_nonnull(content_reason_text((enum content_reason)i));
    }
}

/* Every file of tests/data/newsletter passes: .html by itself, .eml as a mail. */
static void test_newsletters(void)
{
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "tests/data/newsletter", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
    g_assert_no_error(error);
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    unsigned count = 0;
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        if (!g_str_has_suffix(name, ".html"))
            continue;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *data = NULL;
        g_autoptr(GPtrArray) findings = content_findings_new();
        size_t size;
        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        g_test_message("%s", name);
        if (!content_check_html((struct slice){data, size}, &options, findings)) {
            g_autofree char *text = content_finding_text(g_ptr_array_index(findings, 0));
            g_error("%s: %s", name, text);
        }
        count++;
    }
    g_assert_cmpuint(count, >=, 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/content/evasions", test_evasions);
    g_test_add_func("/content/ordinary", test_ordinary);
    g_test_add_func("/content/wrapped", test_wrapped);
    g_test_add_func("/content/nul", test_nul);
    g_test_add_func("/content/finding", test_finding);
    g_test_add_func("/content/limit", test_limit);
    g_test_add_func("/content/reasons", test_reasons);
    g_test_add_func("/content/newsletters", test_newsletters);
    return g_test_run();
}
