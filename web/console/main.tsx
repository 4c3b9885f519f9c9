import "../shared/theme.css";

import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { AsViewer } from "../shared/AsViewer";
import { router } from "./router";
import { theme, wear } from "./shell/theme";

wear(theme());

const place = document.getElementById("app");
if (!place) {
  throw new Error("there is no place for the console");
}
createRoot(place).render(
  <StrictMode>
    <AsViewer>
      <RouterProvider router={router} />
    </AsViewer>
  </StrictMode>,
);
