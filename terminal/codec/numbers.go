package codec

// Numbers is a list of numbers that are names, of members or of terminals: each is
// written as a message of one field.
func Numbers[T ~uint64 | ~uint32](c *Coder, num int, p *[]T, count int) {
	list := make([]number, len(*p))
	for n, id := range *p {
		list[n].N = uint64(id)
	}
	List(c, num, &list, count)
	if c.Reading() {
		*p = nil
		for _, o := range list {
			*p = append(*p, T(o.N))
		}
	}
}

// number is one of a list.
type number struct{ N uint64 }

func (o *number) Fields(c *Coder) { Uint(c, 1, &o.N) }
