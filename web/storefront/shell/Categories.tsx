import { Link, useRouterState } from "@tanstack/react-router";
import { useQuery } from "urql";

import { trouble } from "../../shared/trouble";
import { useAgain } from "../goods/again";
import { CategoriesDocument } from "../gql/graphql";
import styles from "./Categories.module.css";

/** The way to each category. While they are not known there is still the way to everything. */
export function Categories() {
  const [{ data, error }, refetch] = useQuery({ query: CategoriesDocument });
  useAgain(trouble(error), refetch);
  const { pathname, search } = useRouterState({ select: ({ location }) => location });
  const current = pathname === "/" && search.q === undefined ? (search.category ?? "") : null;
  const page = (category: string) => (current === category ? "page" : undefined);
  return (
    <nav aria-label="Categories" className={styles.strip}>
      <ul>
        <li>
          <Link to="/" aria-current={page("")} activeOptions={{ exact: true }}>
            Everything
          </Link>
        </li>
        {data?.categories?.map(({ name }) => (
          <li key={name}>
            <Link to="/" search={{ category: name }} aria-current={page(name)} activeOptions={{ exact: true }}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
