import type { CSSProperties } from "react";

import styles from "./Drawing.module.css";
import { type Layer, layers } from "./figures";
import { likeness } from "./likeness";

/**
 * A product as drawn on squared paper from its name and category, or its own image if the shop has one. It says nothing that the name
 * beside it does not say.
 */
export function Drawing({ name, category, imageUrl }: { name: string; category: string; imageUrl?: string | null | undefined }) {
  const { figure, hue, seed } = likeness(name, category);
  return (
    <span className={styles.sheet} style={{ "--hue": hue } as CSSProperties} aria-hidden="true">
      {/* An image of another host would be loaded from there. */}
      {imageUrl && /^\/(?![/\\])/.test(imageUrl) ? (
        <img src={imageUrl} alt="" loading="lazy" />
      ) : (
        <svg viewBox="0 0 100 100" focusable="false" role="presentation">
          {figure === null ? <Pattern seed={seed} /> : layers(figure).map((layer) => <Shape key={layer.text} layer={layer} />)}
        </svg>
      )}
    </span>
  );
}

function Shape({ layer: { tone, path, circle, rect } }: { layer: Layer }) {
  const className = styles[tone];
  if (circle) {
    const [cx, cy, r] = circle;
    return <circle className={className} cx={cx} cy={cy} r={r} />;
  }
  if (rect) {
    const [x, y, width, height, rx] = rect;
    return <rect className={className} x={x} y={y} width={width} height={height} rx={rx} />;
  }
  return <path className={className} d={path} />;
}

const quarters = [
  "M0 0H26A26 26 0 0 1 0 26Z",
  "M26 0V26H0A26 26 0 0 1 26 0Z",
  "M26 26H0A26 26 0 0 1 26 0Z",
  "M0 26V0A26 26 0 0 1 26 26Z",
];

const tiles = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Nine tiles, each a quarter of a disc turned as the seed says. */
function Pattern({ seed }: { seed: number }) {
  return tiles.map((i) => (
    <path
      key={i}
      className={styles["abc".charAt((seed >>> (2 * i)) % 3)]}
      d={quarters[(seed >>> (3 * i)) % 4]}
      transform={`translate(${11 + 26 * (i % 3)} ${11 + 26 * Math.floor(i / 3)})`}
    />
  ));
}
