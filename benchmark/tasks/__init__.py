"""Collections with candidates, splits and frequency strata; `registry` names them."""
