// The class as a classic script. `yodelExport` is around the bundle: it hands the class out as such scripts do.

import TRTCCalling from './trtc-calling.js';

yodelExport(TRTCCalling);
