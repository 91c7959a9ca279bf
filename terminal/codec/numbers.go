package codec

// Numbers is a list of numbers that are names, of members or of terminals: each is
// written as a message of one field.
func Numbers[T ~uint64 | ~uint32](c *Coder, num int, p *[]T, count int) {
	var one number
	if !c.reading {
		for _, id := range *p {
			one.N = uint64(id)
			c.put(num, &one)
		}
		return
	}
	*p = nil
	c.each(num, count, c.all(num), func(b []byte) {
		one = number{}
		c.sub(b, &one)
		*p = append(*p, T(one.N))
	})
}

// number is one of a list.
type number struct{ N uint64 }

func (o *number) Fields(c *Coder) { Uint(c, 1, &o.N) }
