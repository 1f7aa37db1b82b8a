"""The blocking endpoint classes: one line per method, everything else is the async one's."""

from gameball_async.endpoints import coupons, customers, orders, transactions
from gameball_sync._bridge import Facade, blocking
from gameball_sync.pagination import blocking_pages


class Customers(Facade[customers.Customers]):
    """Operations on customers."""

    __slots__ = ()

    get = blocking(customers.Customers.get)
    set_active = blocking(customers.Customers.set_active)


class Orders(Facade[orders.Orders]):
    """Operations on orders."""

    __slots__ = ()

    track = blocking(orders.Orders.track)
    calculate_cashback = blocking(orders.Orders.calculate_cashback)
    transactions = blocking(orders.Orders.transactions)


class Transactions(Facade[transactions.Transactions]):
    """Operations on the ledger."""

    __slots__ = ()

    list = blocking_pages(transactions.Transactions.list)
    count = blocking(transactions.Transactions.count)
    create_manual = blocking(transactions.Transactions.create_manual)
    hold = blocking(transactions.Transactions.hold)
    get_hold = blocking(transactions.Transactions.get_hold)
    release_hold = blocking(transactions.Transactions.release_hold)


class Coupons(Facade[coupons.Coupons]):
    """Operations on coupons."""

    __slots__ = ()

    validate = blocking(coupons.Coupons.validate)
    release = blocking(coupons.Coupons.release)
