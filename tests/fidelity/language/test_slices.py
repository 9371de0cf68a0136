"""Slices that a statement binds by itself: nothing is evaluated twice, nothing is kept alive."""

from tests.fidelity.language.conftest import Same


def test_slices_are_bound_in_order_and_once(same: Same) -> None:
    same("""
    def tell(value):
        print(value)
        return value
    class Row(list):
        def __getitem__(self, key):
            print("get", key)
            return list.__getitem__(self, key)
        def __setitem__(self, key, value):
            print("set", key, value)
            list.__setitem__(self, key, value)
    def bound():
        row = Row([1, 2, 3])
        tell(row)[tell(0):tell(1)] += tell([4])
        tell(row)[tell(0):], tell(row)[tell(0)] = tell(([5, 6], 7))
        for tell(row)[:tell(1)] in [[8], [9]]: pass
        return row
    print(bound())
    """)


def test_owner_of_a_slice_goes_when_its_name_does(same: Same) -> None:
    same("""
    class Row(list):
        def __del__(self): print("gone", list(self))
    def bound():
        row = Row([1])
        row[:0] += [2]
        del row
        print("bound")
    def failed():
        row = Row([3])
        try: row[:0] += 1 / 0
        except ZeroDivisionError: pass
        del row
        print("failed")
    bound(), failed()
    """)
