import type { ComponentChildren } from "preact";

/** How the script compares a column's cells; the class names are the reference's (web section 4). */
type Order = "numeric" | "outcome";

export interface ColumnProps {
  readonly id?: string;
  readonly title?: string;
  /** Absent: as text. */
  readonly order?: Order;
  /** Numbers stand on the right. */
  readonly number?: boolean;
  readonly children: ComponentChildren;
}

/** The head of a column that people can sort by. */
export const Column = ({ id, title, order, number = false, children }: ColumnProps) => {
  const classes = [...(number ? ["number"] : []), ...(order ? [`use-${order}-sort`] : [])];
  return (
    <th id={id} scope="col" aria-sort="none" class={classes.join(" ") || undefined} title={title}>
      {children}
    </th>
  );
};
