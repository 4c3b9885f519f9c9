import styles from "./Awaited.module.css";
import card from "./ProductCard.module.css";

/** Where a drawing will be: the paper alone. */
export function AwaitedDrawing() {
  return <span className={styles.paper} />;
}

/** Where words will be, about as many as so many characters. Whoever awaits them says in words what is fetched. */
export function AwaitedWords({ about }: { about: number }) {
  return (
    <span className={styles.words} style={{ width: `${about}ch` }}>
      &nbsp;
    </span>
  );
}

/** Cards of products that are being fetched, as items of a list, as big as those that come. */
export function AwaitedCards({ count }: { count: number }) {
  return Array.from({ length: count }, (_, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they differ by nothing else
    <li key={at} aria-hidden="true">
      <div className={card.card} data-awaited="">
        <AwaitedDrawing />
        <p className={card.name}>
          <AwaitedWords about={14 + ((at * 5) % 7)} />
        </p>
        <p className={card.terms}>
          <AwaitedWords about={6} />
          <AwaitedWords about={8} />
        </p>
      </div>
    </li>
  ));
}
