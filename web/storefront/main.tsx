import "../shared/theme.css";
import "./shell/opening.css";

import { show } from "../shared/show";
import { router } from "./router";

show(router);
