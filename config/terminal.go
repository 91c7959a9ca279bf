package config

// Limits of a terminal's settings.
const (
	PeopleMax = 200
)

// Terminal is the settings of one store terminal, jifend.
type Terminal struct {
	Data      string    `toml:"data"` // folder of the ledger and of all else the daemon keeps
	Terminal  Identity  `toml:"terminal"`
	HQ        Uplink    `toml:"hq"`
	Cashier   Web       `toml:"cashier"`
	Customer  Customer  `toml:"customer"`
	Ledger    Ledger    `toml:"ledger"`
	Witness   Witness   `toml:"witness"`
	API       API       `toml:"api"`
	People    []Person  `toml:"people"`
	Scanners  []Scanner `toml:"scanners"`
	Codes     Codes     `toml:"codes"`
	InStore   []InStore `toml:"in_store"`
	Printer   Printer   `toml:"printer"`
	Display   Display   `toml:"display"`
	Documents Documents `toml:"documents"`
	Log       Log       `toml:"log"`
}

// Identity says which terminal this is and where it stands.
type Identity struct {
	ID          uint32 `toml:"id"`    // from 1; unique at HQ
	Name        string `toml:"name"`  // shown to cashiers and at HQ
	Store       string `toml:"store"` // short text id of the store
	StoreNameZH string `toml:"store_name_zh"`
	StoreNameEN string `toml:"store_name_en"`
	EnrolCode   Secret `toml:"enrol_code"` // one-time code; empty once the terminal is enrolled
}

// Ledger says where the ledger may lie.
type Ledger struct {
	AnyFileSystem bool `toml:"any_file_system"` // true: also where a power cut can take what was confirmed
}

// Witness says what remembers, on another device, where the ledger stands.
type Witness struct {
	HeadFile string `toml:"head_file"` // empty: none is kept
}

// Uplink says how HQ's broker is reached.
type Uplink struct {
	URL      string `toml:"url"`      // tcp://host:port or ssl://host:port
	Username string `toml:"username"` // empty: derived from the terminal's id
	Password Secret `toml:"password"`
}

// terminalDefaults is what holds where the file says nothing.
func terminalDefaults() Terminal {
	return Terminal{
		Cashier: Web{Listen: "127.0.0.1:8480"},
		Printer: Printer{Kind: PrinterVirtual, Profile: "generic80", Drawer: DrawerNone, Language: "zh"},
		Display: Display{Kind: DisplayNone},
		Log:     Log{Level: "info"},
	}
}

// Validate reports every fault of t as Faults, without lines. ParseTerminal
// and LoadTerminal have done it already.
func (t Terminal) Validate() error {
	log := &findings{}
	t.check(log)
	return log.err()
}

// complete sets what follows from the rest: a virtual scanner if there is
// none, the usual speed of a serial device, the one name of the store for the
// other, and the enrolment code in its plain form.
func (t *Terminal) complete() {
	if len(t.Scanners) == 0 {
		t.Scanners = []Scanner{{Name: "scanner", Kind: ScannerVirtual}}
	}
	for i := range t.Scanners {
		t.Scanners[i].complete()
	}
	for i := range t.InStore {
		t.InStore[i].complete()
	}
	if t.Printer.Kind == PrinterSerial && t.Printer.Baud == 0 {
		t.Printer.Baud = baudUsual
	}
	if t.Display.Kind != DisplayNone && t.Display.Baud == 0 {
		t.Display.Baud = baudUsual
	}
	if t.Terminal.StoreNameZH == "" {
		t.Terminal.StoreNameZH = t.Terminal.StoreNameEN
	}
	if t.Terminal.StoreNameEN == "" {
		t.Terminal.StoreNameEN = t.Terminal.StoreNameZH
	}
	t.Terminal.EnrolCode = plainCode(t.Terminal.EnrolCode)
}

func (t *Terminal) check(log *findings) {
	checkFolder(log, "data", t.Data)
	t.Terminal.check(log)
	t.HQ.check(log)
	t.Cashier.check(log, "cashier")
	t.Customer.check(log)
	t.API.check(log)
	t.API.checkCallers(log, t.People)
	checkPeople(log, t.People)
	checkScanners(log, t.Scanners)
	checkInStore(log, t.Codes, t.InStore)
	t.Printer.check(log)
	t.Display.check(log)
	t.Documents.check(log)
	t.Log.check(log)
}

func (t *Terminal) place(dir string) {
	t.Data = under(dir, t.Data)
	t.API.place(dir, t.Data)
	t.Documents.place(dir)
	t.Customer.Pictures = under(dir, t.Customer.Pictures)
	if t.Witness.HeadFile != "" {
		t.Witness.HeadFile = under(dir, t.Witness.HeadFile)
	}
}

func (i Identity) check(log *findings) {
	if i.ID == 0 {
		log.add("terminal.id", "must be the terminal's number at HQ, from 1 to 4294967295")
	}
	checkName(log, "terminal.name", i.Name, "the terminal, for example \"Till 1\"")
	checkID(log, "terminal.store", i.Store)
	if i.StoreNameZH == "" && i.StoreNameEN == "" {
		log.add("terminal.store_name_zh", "must name the store for receipts, here or in store_name_en")
	} else {
		checkName(log, "terminal.store_name_zh", i.StoreNameZH, "the store")
		checkName(log, "terminal.store_name_en", i.StoreNameEN, "the store")
	}
	checkCode(log, "terminal.enrol_code", i.EnrolCode)
}

func (u Uplink) check(log *findings) {
	checkBrokerURL(log, "hq.url", u.URL)
	checkLogin(log, "hq", u.Username, u.Password)
}
