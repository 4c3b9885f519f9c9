import { type AnyRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";

import { AsViewer } from "./AsViewer";

/** Shows an app's pages where its own has a place for them, to whoever has signed in. */
export function show(router: AnyRouter) {
  const place = document.getElementById("app");
  if (!place) {
    throw new Error("there is no place for the app");
  }
  const root = createRoot(place);
  // In slices, between which the browser does what people ask of it.
  startTransition(() =>
    root.render(
      <StrictMode>
        <AsViewer>
          <RouterProvider router={router} />
        </AsViewer>
      </StrictMode>,
    ),
  );
}
