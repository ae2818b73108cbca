#include "api/plan.h"
