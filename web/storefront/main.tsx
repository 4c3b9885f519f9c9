import "../shared/theme.css";

import { show } from "../shared/show";
import { router } from "./router";

show(router);
