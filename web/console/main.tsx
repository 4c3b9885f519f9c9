import "../shared/theme.css";

import { show } from "../shared/show";
import { router } from "./router";
import { theme, wear } from "./shell/theme";

wear(theme());
show(router);
