import "./workers";
import "../shared/theme.css";

import { createRoot } from "react-dom/client";

import { Playground } from "./Playground";

const place = document.getElementById("playground");
if (!place) {
  throw new Error("there is no place for the playground");
}
createRoot(place).render(<Playground />);
