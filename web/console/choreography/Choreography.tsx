import { useState } from "react";

import { ChoreographyDocument } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { usePolled } from "../live/polled";
import { PageHead, Part } from "../shell/PageHead";
import { arrows, type Focus, ratesAge } from "./arrows";
import styles from "./Choreography.module.css";
import { Details } from "./Details";
import { FactTable } from "./FactTable";
import { Picture } from "./Picture";

/** Who says what to whom, and how often at present: as a picture, and as a table. */
export function Choreography() {
  const told = usePolled(ChoreographyDocument, {}, 3000);
  const facts = told.data?.choreography ?? null;
  const [chosen, choose] = useState<Focus>(null);
  const [near, setNear] = useState<Focus>(null);
  const focus = near ?? chosen;
  return (
    <>
      <title>Choreography · Quadrille console</title>
      <PageHead title="Choreography">
        <p>
          Nobody conducts: each context says what happened, and others react. This is who reacts to whom, from the schemas that
          the broker's topology is made of. Chronicle, which records everything, is left out.
        </p>
        <AsOf what="the rates" of={ratesAge(facts, told)} />
      </PageHead>
      {facts === null && told.trouble === null && <p>Asking who says what…</p>}
      {facts !== null && (
        <>
          <div className={styles.map}>
            <Picture arrows={arrows(facts)} focus={focus} chosen={chosen} onNear={setNear} onChoose={choose} />
            <Details facts={facts} chosen={chosen} onNear={setNear} onChoose={choose} />
          </div>
          <Part title="All facts and commands">
            <FactTable facts={facts} focus={focus} />
          </Part>
        </>
      )}
    </>
  );
}
