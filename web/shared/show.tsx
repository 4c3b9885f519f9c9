import { type AnyRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { AsViewer } from "./AsViewer";

/** Shows an app's pages where its own has a place for them, to whoever has signed in. */
export function show(router: AnyRouter) {
  const place = document.getElementById("app");
  if (!place) {
    throw new Error("there is no place for the app");
  }
  createRoot(place).render(
    <StrictMode>
      <AsViewer>
        <RouterProvider router={router} />
      </AsViewer>
    </StrictMode>,
  );
}
