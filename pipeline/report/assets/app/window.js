// A list of any length of which only what is near the window stands in the document.
//
// Items are cut into blocks. A block far away is an empty box of the height it had, or is guessed to
// have; the page scrolls as usual, text can be selected, and rows may have any height.

const BLOCK = 20;
const NEAR = "800px"; // above and below the window

class WindowedList {
  /** `draw(item, position)` makes a row; `guess` is a row's usual height in pixels. */
  constructor(root, draw, guess) {
    Object.assign(this, { root, draw, guess, items: [] });
    this.watcher = new IntersectionObserver((seen) => this.turn(seen), { rootMargin: `${NEAR} 0px` });
    root.addEventListener("keydown", (event) => this.move(event));
  }

  show(items) {
    this.items = items;
    this.watcher.disconnect();
    const blocks = [];
    for (let first = 0; first < items.length; first += BLOCK) blocks.push(this.block(first));
    this.root.replaceChildren(...blocks);
    blocks.slice(0, 1).forEach((block) => this.fill(block));
    blocks.forEach((block) => this.watcher.observe(block));
  }

  block(first) {
    const size = Math.min(BLOCK, this.items.length - first);
    const block = h("div", { class: "block", role: "presentation" });
    block.first = first;
    block.style.minHeight = `${size * this.guess}px`;
    return block;
  }

  turn(seen) {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting) this.fill(target);
      else this.empty(target);
    }
  }

  fill(block) {
    if (block.firstChild) return;
    const items = this.items.slice(block.first, block.first + BLOCK);
    block.append(...items.map((item, n) => this.row(item, block.first + n)));
    block.style.minHeight = "";
  }

  row(item, position) {
    const row = this.draw(item, position);
    row.setAttribute("role", "listitem");
    row.setAttribute("aria-posinset", position + 1);
    row.setAttribute("aria-setsize", this.items.length);
    return row;
  }

  /** Take a block's rows away, unless the list is hidden, or a person holds on to something in it. */
  empty(block) {
    if (!block.firstChild || !block.offsetHeight || block.contains(document.activeElement)) return;
    const selection = document.getSelection();
    if (!selection.isCollapsed && selection.containsNode(block, true)) return;
    block.style.minHeight = `${block.offsetHeight}px`;
    block.replaceChildren();
  }

  /** Arrow keys (and j, k) go from row to row. */
  move(event) {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    const row = event.target.closest("[role=listitem]");
    if (!step || !row || event.ctrlKey || event.metaKey || event.altKey) return;
    const position = Number(row.getAttribute("aria-posinset")) + step;
    const next = this.root.querySelector(`[aria-posinset="${position}"] a[data-main]`);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.closest("[role=listitem]").scrollIntoView({ block: "nearest" });
  }
}
