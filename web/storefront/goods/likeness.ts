import type { Figure } from "./figures";

/** How a product is drawn. */
export type Likeness = {
  /** What it looks like; null when nobody knows, and then it is a pattern. */
  figure: Figure | null;
  /** The colour, in degrees. */
  hue: number;
  /** What decides on the pattern: the same for all products of a category. */
  seed: number;
};

// The first of these that a name says is what it is: a bag of marbles is marbles.
const words: [string, Figure][] = [
  ["marble", "marble"],
  ["arc", "arc"],
  ["tripod", "tripod"],
  ["floor lamp", "tripod"],
  ["pendant", "pendant"],
  ["chandelier", "pendant"],
  ["bulb", "bulb"],
  ["owl", "owl"],
  ["lantern", "lantern"],
  ["moon", "moons"],
  ["fairy light", "moons"],
  ["t-light", "candle"],
  ["candle", "candle"],
  ["torch", "torch"],
  ["lamp", "lamp"],
  ["light", "lamp"],
  ["scale", "scales"],
  ["whisk", "whisk"],
  ["skillet", "pan"],
  ["pan", "pan"],
  ["jar", "jar"],
  ["knife", "knife"],
  ["teapot", "teapot"],
  ["kettle", "teapot"],
  ["chopping board", "board"],
  ["grinder", "grinder"],
  ["mill", "grinder"],
  ["mug", "mug"],
  ["cup", "mug"],
  ["rolling pin", "pin"],
  ["fork", "fork"],
  ["secateur", "secateurs"],
  ["shear", "secateurs"],
  ["glove", "glove"],
  ["trowel", "trowel"],
  ["spade", "trowel"],
  ["mat", "mat"],
  ["watering can", "can"],
  ["seed", "seed"],
  ["bird", "bird"],
  ["twine", "twine"],
  ["ribbon", "twine"],
  ["spool", "twine"],
  ["pot", "pot"],
  ["planter", "pot"],
  ["ink", "ink"],
  ["sharpener", "sharpener"],
  ["notebook", "notebook"],
  ["book", "notebook"],
  ["diary", "notebook"],
  ["pen", "pen"],
  ["letter", "letter"],
  ["envelope", "letter"],
  ["night sky", "stars"],
  ["map", "stars"],
  ["tape", "tape"],
  ["calendar", "calendar"],
  ["pencil", "pencil"],
  ["deck", "deck"],
  ["playing card", "deck"],
  ["card", "card"],
  ["rug", "rug"],
  ["hat", "hat"],
  ["sock", "sock"],
  ["blanket", "blanket"],
  ["throw", "blanket"],
  ["cushion", "cushion"],
  ["pillow", "cushion"],
  ["napkin", "napkin"],
  ["scarf", "scarf"],
  ["towel", "towel"],
  ["holdall", "bag"],
  ["bag", "bag"],
  ["kite", "kite"],
  ["block", "block"],
  ["puppet", "puppet"],
  ["yo-yo", "yoyo"],
  ["spinning top", "top"],
  ["jigsaw", "puzzle"],
  ["puzzle", "puzzle"],
  ["chess", "chess"],
  ["train", "train"],
];

// What stands for a category when the name says nothing.
const categories: Record<string, Figure> = {
  lighting: "lamp",
  kitchen: "mug",
  garden: "pot",
  paper: "notebook",
  textiles: "blanket",
  toys: "block",
};

// Colours and what has one by nature; every other name has a colour of its own.
const hues: [string, number][] = [
  ["sea-green", 175],
  ["green", 150],
  ["meadow", 135],
  ["blue", 250],
  ["night", 265],
  ["ink", 265],
  ["red", 25],
  ["fox", 45],
  ["terracotta", 40],
  ["copper", 45],
  ["brass", 85],
  ["beeswax", 85],
  ["jute", 80],
  ["oak", 70],
  ["maple", 65],
  ["wood", 60],
  ["cedar", 35],
];

/** How a product of that name and category is drawn, always the same. */
export function likeness(name: string, category: string): Likeness {
  const said = name.toLowerCase();
  const hue = hues.find(([word]) => says(said, word))?.[1];
  return {
    figure: words.find(([word]) => says(said, word))?.[1] ?? categories[category.toLowerCase()] ?? null,
    hue: hue ?? (hash(said) % 24) * 15,
    seed: hash(category.toLowerCase()),
  };
}

/** Whether a name has these words, in the singular or the plural. */
function says(name: string, words: string): boolean {
  return new RegExp(`(^|[^a-z])${words}(e?s)?($|[^a-z])`).test(name);
}

/** FNV-1a: a number that is the same for the same text everywhere. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  }
  return sum;
}
