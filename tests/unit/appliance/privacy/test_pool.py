import asyncio
import threading

import pytest

from appliance.errors import PrivacyUnavailable
from appliance.privacy.pool import Pool, PoolSettings


async def test_work_leaves_the_event_loop():
    pool = Pool(PoolSettings())
    assert await pool.run(threading.get_ident) != threading.get_ident()
    assert await pool.run(divmod, 7, 2) == (3, 1)
    pool.close()


async def test_an_error_of_the_work_is_the_caller_s():
    pool = Pool(PoolSettings())
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 7, 0)
    pool.close()


async def test_what_takes_too_long_is_refused():
    pool, may_end = Pool(PoolSettings(workers=1, seconds=0.02)), threading.Event()
    with pytest.raises(PrivacyUnavailable, match=r"within 0\.02 s"):
        await pool.run(may_end.wait)
    may_end.set()
    pool.close()


async def test_one_more_than_may_wait_is_refused_until_a_place_is_free():
    pool, may_end = Pool(PoolSettings(workers=1, waiting=1, seconds=20)), threading.Event()
    taken = [asyncio.create_task(pool.run(may_end.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(PrivacyUnavailable, match="Too many"):
        await pool.run(may_end.wait)
    may_end.set()
    assert await asyncio.gather(*taken) == [True, True]
    assert await pool.run(may_end.wait)
    pool.close()


async def test_a_caller_who_left_keeps_its_place_until_the_work_is_over():
    pool, may_end = Pool(PoolSettings(workers=1, waiting=0, seconds=20)), threading.Event()
    caller = asyncio.create_task(pool.run(may_end.wait))
    await asyncio.sleep(0.01)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    with pytest.raises(PrivacyUnavailable):
        await pool.run(may_end.wait)
    may_end.set()
    pool.close()
