import { type ReactNode, useState } from "react";
import { unseenClass } from "../../shared/ui";

import { pressed, type Sortable, type Sorting, sorted } from "./sort";
import styles from "./Table.module.css";

/** A column. The first one names its row. */
export type Column<Row> = {
  name: string;
  /** What rows are put in order by; without it they are not. */
  by?: (row: Row) => Sortable;
  /** What stands there; if nothing is given, what it is ordered by. */
  show?: (row: Row) => ReactNode;
  /** Whether it is of numbers, which stand below each other by their last digit. */
  numeric?: boolean;
};

/** A table that can be put in order by its columns. Where it is wider than the page it scrolls by itself. */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  isLit,
}: {
  /** What it lists; it is not shown, for there is a heading. */
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Whether a row is to stand out. */
  isLit?: (row: Row) => boolean;
}) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const by = columns.find(({ name }) => name === sorting?.column)?.by;
  const ordered = sorting !== null && by !== undefined ? sorted(rows, by, sorting.down) : rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrow keys
    <section className={styles.frame} aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <caption className={unseenClass}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, by, numeric }) => (
              <th
                key={name}
                scope="col"
                data-numeric={numeric || undefined}
                aria-sort={sorting?.column === name ? (sorting.down ? "descending" : "ascending") : undefined}
              >
                {by === undefined ? (
                  <span className={styles.plain}>{name}</span>
                ) : (
                  <button type="button" className={styles.sort} onClick={() => setSorting(pressed(sorting, name))}>
                    {name}
                    <span aria-hidden="true" className={styles.arrow}>
                      {sorting?.column === name ? (sorting.down ? "↓" : "↑") : "↕"}
                    </span>
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => (
            <tr key={keyOf(row)} data-lit={isLit?.(row) || undefined}>
              {columns.map((column, at) => {
                const cell = column.show === undefined ? column.by?.(row) : column.show(row);
                return at === 0 ? (
                  <th key={column.name} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={column.name} data-numeric={column.numeric || undefined}>
                    {cell}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
