"""Whether people can read a page: WCAG 2.1 contrast of what a real browser computed, and the few rules of structure that a program can see."""

# Runs in the page. Colours are blended over what lies below them, as far down as it takes to find one that hides all else.
SCRIPT = r"""
(() => {
  const findings = [];
  const parse = (text) => {
    const numbers = text.match(/[\d.]+/g).map(Number);
    return {r: numbers[0], g: numbers[1], b: numbers[2], a: numbers.length > 3 ? numbers[3] : 1};
  };
  const over = (top, below) => {
    const mix = (one, other) => one * top.a + other * (1 - top.a);
    return {r: mix(top.r, below.r), g: mix(top.g, below.g), b: mix(top.b, below.b), a: 1};
  };
  const luminance = (color) => {
    const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(color.r) + 0.7152 * part(color.g) + 0.0722 * part(color.b);
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const style = (element) => getComputedStyle(element);
  const background = (element) => {
    if (!element)
      return parse(matchMedia('(prefers-color-scheme: dark)').matches && style(document.documentElement).colorScheme.includes('dark')
                   ? 'rgb(18,18,18)' : 'rgb(255,255,255)');
    if (style(element).backgroundImage !== 'none')
      findings.push(`${name(element)}: text over a picture`);
    const own = parse(style(element).backgroundColor);
    return own.a === 1 ? own : over(own, background(element.parentElement));
  };
  const name = (element) => `<${element.localName}> "${(element.textContent || element.alt || '').trim().replace(/\s+/g, ' ').slice(0, 40)}"`;
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    for (let one = element; one; one = one.parentElement)
      if (style(one).opacity !== '1')
        findings.push(`${name(one)}: see-through`);
    return box.width > 0 && box.height > 0 && style(element).visibility === 'visible';
  };
  const short = (color) => `#${[color.r, color.g, color.b].map((n) => Math.round(n).toString(16).padStart(2, '0')).join('')}`;
  const judge = (element, what, color, below, least) => {
    const ratio = contrast(color, below);
    if (ratio < least)
      findings.push(`${name(element)}: ${what} ${short(color)} on ${short(below)} is ${ratio.toFixed(2)}:1, not ${least}:1`);
  };

  // 1.4.3: text, large text; also what is written where a picture is not shown.
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  const seen = new Set(document.querySelectorAll('img'));
  while (texts.nextNode())
    if (texts.currentNode.data.trim())
      seen.add(texts.currentNode.parentElement);
  for (const element of seen) {
    if (!visible(element))
      continue;
    const pixels = parseFloat(style(element).fontSize);
    const large = pixels >= 24 || (pixels >= 18.66 && Number(style(element).fontWeight) >= 700);
    const below = background(element);
    judge(element, 'text', over(parse(style(element).color), below), below, large ? 3 : 4.5);
    count++;
  }

  // 1.4.11 and 1.4.1: what is to be pressed stands out by its ground or its edge; any other link is underlined.
  for (const control of document.querySelectorAll('a[href], button')) {
    if (!visible(control))
      continue;
    let box = control;
    while (box.parentElement && parse(style(box).backgroundColor).a === 0 && style(box).borderTopWidth === '0px' && box.localName !== 'td')
      box = box.parentElement;
    const around = background(box.parentElement);
    const ground = background(box);
    const edge = style(box).borderTopWidth !== '0px' ? over(parse(style(box).borderTopColor), around) : ground;
    const button = control.localName === 'button' || (box !== document.body && short(ground) !== short(around) &&
                                                      box.textContent.trim() === control.textContent.trim());
    if (button && Math.max(contrast(ground, around), contrast(edge, around)) < 3)
      findings.push(`${name(control)}: button ${short(ground)}, edge ${short(edge)}, on ${short(around)} does not stand out`);
    if (!button && !style(control).textDecorationLine.includes('underline'))
      findings.push(`${name(control)}: a link that is not underlined`);
    const size = control.getBoundingClientRect();
    if (button && (size.height < 24 || size.width < 24))
      findings.push(`${name(control)}: ${Math.round(size.width)} x ${Math.round(size.height)} is hard to press`);
  }

  // Structure.
  const complain = (condition, text) => condition || findings.push(text);
  complain(document.documentElement.lang, '<html> has no lang');
  complain(document.title.trim(), 'no title');
  complain(document.querySelectorAll('h1').length === 1, 'there is not one h1');
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
    complain(Number(heading.localName[1]) <= level + 1, `${name(heading)}: a level of headings is left out`);
    level = Number(heading.localName[1]);
  }
  for (const image of document.querySelectorAll('img')) {
    complain(image.hasAttribute('alt'), `${image.outerHTML.slice(0, 60)}: no alt`);
    complain(image.complete && image.naturalWidth > 0, `${image.outerHTML.slice(0, 60)}: not shown`);
  }
  for (const svg of document.querySelectorAll('svg'))
    complain(svg.getAttribute('aria-hidden') === 'true' || svg.getAttribute('aria-label'), 'an svg without a name');
  for (const table of document.querySelectorAll('table'))
    complain(table.getAttribute('role') === 'presentation' || table.querySelector('th[scope]'), `${name(table)}: neither for layout nor with headings`);
  for (const control of document.querySelectorAll('a[href], button'))
    complain(control.textContent.trim() || control.querySelector('img[alt]:not([alt=""])'), `${control.outerHTML.slice(0, 60)}: no name`);
  const viewport = document.querySelector('meta[name=viewport]');
  complain(viewport && !/user-scalable\s*=\s*(no|0)|maximum-scale/.test(viewport.content), 'can not be made larger');
  if (document.documentElement.scrollWidth > innerWidth)
    findings.push(`${document.documentElement.scrollWidth} pixels in a window of ${innerWidth}`);
  return {findings: [...new Set(findings)], count, lang: document.documentElement.lang};
})()
"""


def audit(browser, url, language, widths=(360, 1280)):
    """What is wrong with a page in both widths, in light and in the dark; the number of texts that were looked at."""
    findings, count = [], 0
    for width in widths:
        for dark in (False, True):
            browser.show(width, dark, language)
            browser.visit(url)
            said = browser.run(SCRIPT)
            where = f"{width} pixels, {'dark' if dark else 'light'}: "
            findings += [where + finding for finding in said["findings"]]
            if said["lang"] != language:
                findings.append(f"{where}lang is {said['lang']}, not {language}")
            count += said["count"]
    return findings, count
