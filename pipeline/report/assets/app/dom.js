// Build the document. Whatever comes from the web goes in as text nodes, never as markup.

/** Make an element: `on…` are listeners, `vars` are CSS variables, null and false leave an attribute out. */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "vars") setVars(element, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function setVars(element, values) {
  for (const [name, value] of Object.entries(values)) element.style.setProperty(name, value);
}

const byId = (id) => document.getElementById(id);

/** Text from the web: keeps its own direction, so that it cannot turn the words around it. */
const foreign = (text, tag = "bdi", attributes = {}) => h(tag, { dir: "auto", ...attributes }, text);

/** An address that a link may lead to, or null: http and https alone. */
function webAddress(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link to the web that tells the other side nothing. */
function webLink(address, ...children) {
  const href = webAddress(address);
  if (href === null) return null;
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow external" }, ...children);
}

/** The hash that leads to a place of this page: `hash({speaker: "Amina Orr"})`. */
function hash(values) {
  const given = Object.entries(values).filter(
    ([, value]) => value !== "" && value !== null && value !== undefined,
  );
  return "#" + new URLSearchParams(given).toString();
}

const here = (values, ...children) => h("a", { href: hash(values) }, ...children);

/** Say something to those who listen to the page. */
function announce(text) {
  byId("said").textContent = text;
}

/** Let the browser paint and take input before the work goes on. */
function pause() {
  if (window.scheduler && window.scheduler.yield) return window.scheduler.yield();
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function later(milliseconds, work) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), milliseconds);
  };
}
